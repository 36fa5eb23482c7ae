// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTypes
import NeedleWire
import Testing

@Suite struct RelayClientDeadlineTests {
    private typealias Machine = RelaySamples.Machine
    private typealias Queues = RelaySamples.Mailbox

    private func deadline(_ machine: borrowing Machine) -> Duration? { machine.nextDeadline }

    @Test("the whole log-in has ten seconds, in every state on the way", arguments: 0...2)
    func loginTimeout(steps: Int) {
        var machine = Machine(limits: RelayLimits(), keepAliveJitter: .zero)
        #expect(deadline(machine) == nil)
        #expect(machine.deadlineReached(now: .seconds(99)) == .none)
        _ = machine.opened(now: .seconds(3))
        if steps > 0 { _ = machine.received(RelaySamples.clientInfo(1), now: .seconds(4)) }
        if steps > 1 { _ = machine.clientInfoOpened(DERPClientInfo()) }
        #expect(deadline(machine) == .seconds(13))
        #expect(machine.deadlineReached(now: .milliseconds(12_999)) == .none)
        #expect(machine.deadlineReached(now: .seconds(13)) == .close(.loginTimeout))
    }

    @Test("keep-alives come every minute and the connection's jitter, whatever else is written")
    func keepAlives() {
        let queues = Queues()
        var machine = RelaySamples.steadyMachine(jitter: .seconds(3), queues: queues)
        for round in 1...5 {
            let due: Duration = .seconds(63 * round)
            #expect(deadline(machine) == due)
            #expect(machine.deadlineReached(now: due - .milliseconds(1)) == .none)
            #expect(machine.deadlineReached(now: due) == .write)
            #expect(machine.nextWrite(from: queues, now: due) == [.keepAlive])
            #expect(machine.writeCompleted(now: due) == .write)
        }
    }

    @Test("a write that takes two seconds closes")
    func writeTimeout() {
        let queues = Queues()
        var machine = RelaySamples.steadyMachine(queues: queues)
        _ = queues.offer([1], from: RelaySamples.key(2), kind: .data)
        #expect(machine.nextWrite(from: queues, now: .seconds(10)) == [.packet(from: RelaySamples.key(2), [1])])
        #expect(deadline(machine) == .seconds(12))
        #expect(machine.deadlineReached(now: .milliseconds(11_999)) == .none)
        #expect(machine.deadlineReached(now: .seconds(12)) == .close(.writeTimeout))
    }

    @Test("a completed write has no deadline, a failed one closes")
    func writeEnds() {
        let queues = Queues()
        var machine = RelaySamples.steadyMachine(queues: queues)
        _ = machine.received(.ping(1), now: .zero)
        _ = machine.nextWrite(from: queues, now: .seconds(10))
        _ = machine.writeCompleted(now: .seconds(11))
        #expect(deadline(machine) == .seconds(60))
        _ = machine.received(.ping(1), now: .zero)
        _ = machine.nextWrite(from: queues, now: .seconds(20))
        #expect(machine.writeFailed() == .close(.writeFailed))
    }

    @Test("a greeting that is still being written when the client is admitted gets two more seconds")
    func greetingUnderWay() {
        let queues = Queues()
        var machine = Machine(limits: RelayLimits(), keepAliveJitter: .zero)
        _ = machine.opened(now: .zero)
        _ = machine.nextWrite(from: queues, now: .zero)
        _ = machine.received(RelaySamples.clientInfo(1), now: .seconds(5))
        _ = machine.clientInfoOpened(DERPClientInfo())
        _ = machine.admitted(now: .seconds(5))
        #expect(machine.nextWrite(from: queues, now: .seconds(5)) == [])
        #expect(deadline(machine) == .seconds(7))
    }

    @Test("the write deadline goes before the keep-alive when both are due")
    func both() {
        let queues = Queues()
        var machine = RelaySamples.steadyMachine(queues: queues)
        _ = machine.received(.ping(1), now: .seconds(59))
        _ = machine.nextWrite(from: queues, now: .seconds(59))
        #expect(deadline(machine) == .seconds(60))
        #expect(machine.deadlineReached(now: .seconds(60)) == .write, "the keep-alive waits for the write")
        #expect(machine.nextWrite(from: queues, now: .seconds(60)) == [])
        #expect(machine.deadlineReached(now: .seconds(61)) == .close(.writeTimeout))
    }
}
