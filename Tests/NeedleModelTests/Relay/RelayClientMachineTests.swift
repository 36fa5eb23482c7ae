// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTypes
import NeedleWire
import Testing

@Suite struct RelayClientMachineTests {
    private typealias Machine = RelaySamples.Machine
    private typealias Queues = RelaySamples.Mailbox

    private let key = RelaySamples.key(1)
    private let other = RelaySamples.key(2)

    private func steady(_ queues: Queues, jitter: Duration = .zero) -> Machine {
        RelaySamples.steadyMachine(jitter: jitter, queues: queues)
    }

    @Test("a log-in goes from the greeting to the answer")
    func login() {
        let queues = Queues()
        var machine = Machine(limits: RelayLimits(), keepAliveJitter: .zero)
        let before = machine.stage
        #expect(before == .serverAwaitingClientInfo)
        #expect(machine.opened(now: .seconds(5)) == .write)
        #expect(machine.nextWrite(from: queues, now: .seconds(5)) == [.greeting])
        #expect(machine.writeCompleted(now: .seconds(5)) == .write)
        #expect(machine.nextWrite(from: queues, now: .seconds(5)) == [])
        #expect(
            machine.received(RelaySamples.clientInfo(1), now: .seconds(6))
                == .open(from: key, nonce: RelaySamples.nonce, sealed: [1, 2, 3])
        )
        #expect(machine.clientInfoOpened(DERPClientInfo()) == .admit(key, DERPClientInfo()))
        let beforeAdmission = machine.client
        #expect(beforeAdmission == nil)
        #expect(machine.admitted(now: .seconds(6)) == .write)
        #expect(machine.nextWrite(from: queues, now: .seconds(6)) == [.serverInfo(to: key)])
        let (client, stage) = (machine.client, machine.stage)
        #expect(client == key)
        #expect(stage == .serverSteady)
    }

    @Test("a client that knows the key may log in before the greeting is written")
    func earlyLogin() {
        let queues = Queues()
        var machine = Machine(limits: RelayLimits(), keepAliveJitter: .zero)
        _ = machine.opened(now: .zero)
        _ = machine.received(RelaySamples.clientInfo(1), now: .zero)
        _ = machine.clientInfoOpened(DERPClientInfo())
        _ = machine.admitted(now: .zero)
        #expect(machine.nextWrite(from: queues, now: .zero) == [.greeting, .serverInfo(to: key)])
    }

    @Test("packets wait until the client is logged in, and follow the answer")
    func packetsBeforeLogin() {
        let queues = Queues()
        #expect(queues.offer([9], from: other, kind: .data) == nil)
        var machine = Machine(limits: RelayLimits(), keepAliveJitter: .zero)
        _ = machine.opened(now: .zero)
        #expect(machine.nextWrite(from: queues, now: .zero) == [.greeting])
        _ = machine.writeCompleted(now: .zero)
        _ = machine.received(RelaySamples.clientInfo(1), now: .zero)
        _ = machine.clientInfoOpened(DERPClientInfo())
        _ = machine.admitted(now: .zero)
        #expect(machine.nextWrite(from: queues, now: .zero) == [.serverInfo(to: key), .packet(from: other, [9])])
    }

    static let notLogins: [DERPClientMessage<[UInt8]>] = [
        .sendPacket(to: .zero, packet: []), .notePreferred(true), .ping(1), .pong(1), .privileged(.closePeer),
        .other(.health),
    ]

    @Test("anything but a log-in closes a connection that is not logged in", arguments: notLogins)
    func beforeLogin(_ message: DERPClientMessage<[UInt8]>) {
        var machine = Machine(limits: RelayLimits(), keepAliveJitter: .zero)
        _ = machine.opened(now: .zero)
        #expect(machine.received(message, now: .zero) == .close(.unexpectedMessage))
    }

    @Test("messages while the shell decides close", arguments: notLogins + [RelaySamples.clientInfo(1)])
    func whileDeciding(_ message: DERPClientMessage<[UInt8]>) {
        for opens in [false, true] {
            var machine = Machine(limits: RelayLimits(), keepAliveJitter: .zero)
            _ = machine.opened(now: .zero)
            _ = machine.received(RelaySamples.clientInfo(1), now: .zero)
            if opens { _ = machine.clientInfoOpened(DERPClientInfo()) }
            #expect(machine.received(message, now: .zero) == .close(.unexpectedMessage))
        }
    }

    @Test("an unreadable log-in and a refusal close")
    func refusals() {
        var machine = Machine(limits: RelayLimits(), keepAliveJitter: .zero)
        _ = machine.opened(now: .zero)
        _ = machine.received(RelaySamples.clientInfo(1), now: .zero)
        #expect(machine.clientInfoUnreadable() == .close(.unreadableLogin))

        machine = Machine(limits: RelayLimits(), keepAliveJitter: .zero)
        _ = machine.opened(now: .zero)
        _ = machine.received(RelaySamples.clientInfo(1), now: .zero)
        _ = machine.clientInfoOpened(DERPClientInfo())
        #expect(machine.refused(.notAdmitted) == .close(.notAdmitted))
    }

    @Test("packets are told apart and forwarded")
    func forwards() {
        let queues = Queues()
        var machine = steady(queues)
        #expect(
            machine.received(.sendPacket(to: other, packet: [1]), now: .zero)
                == .forward(to: other, packet: [1], .data)
        )
        #expect(
            machine.received(.sendPacket(to: other, packet: RelaySamples.disco), now: .zero)
                == .forward(to: other, packet: RelaySamples.disco, .disco)
        )
    }

    @Test("a packet may be 65,536 bytes and no more")
    func packetSize() {
        let queues = Queues()
        var machine = steady(queues)
        let longest = Array(repeating: UInt8(0), count: 65_536)
        #expect(
            machine.received(.sendPacket(to: other, packet: longest), now: .zero)
                == .forward(to: other, packet: longest, .data)
        )
        let error = DERPError.badLength(.sendPacket, length: 65_569, allowed: 32...65_568)
        #expect(
            machine.received(.sendPacket(to: other, packet: longest + [0]), now: .zero) == .close(.badFrame(error))
        )
    }

    @Test("mesh frames close", arguments: [DERPFrameType.watchConns, .closePeer, .forwardPacket])
    func privileged(_ type: DERPFrameType) {
        let queues = Queues()
        var machine = steady(queues)
        #expect(machine.received(.privileged(type), now: .zero) == .close(.privilegedFrame(type)))
        let isClosed = machine.isClosed
        #expect(isClosed)
    }

    @Test("a second log-in, pongs and unknown types are passed over")
    func passedOver() {
        let queues = Queues()
        var machine = steady(queues)
        #expect(machine.received(RelaySamples.clientInfo(2), now: .zero) == .none)
        #expect(machine.received(.pong(4), now: .zero) == .none)
        #expect(machine.received(.other(.recvPacket), now: .zero) == .none)
        #expect(machine.nextWrite(from: queues, now: .zero) == [])
    }

    @Test("the home note is passed on")
    func home() {
        let queues = Queues()
        var machine = steady(queues)
        #expect(machine.received(.notePreferred(true), now: .zero) == .noteHome(true))
        #expect(machine.received(.notePreferred(false), now: .zero) == .noteHome(false))
    }

    @Test("one pong waits; the next ping counts once it is taken")
    func pings() {
        let queues = Queues()
        var machine = steady(queues)
        #expect(machine.received(.ping(1), now: .zero) == .write)
        #expect(machine.received(.ping(2), now: .zero) == .none)
        #expect(machine.nextWrite(from: queues, now: .zero) == [.pong(1)])
        #expect(machine.received(.ping(3), now: .zero) == .write)
        #expect(machine.nextWrite(from: queues, now: .zero) == [], "a write is under way")
        #expect(machine.writeCompleted(now: .zero) == .write)
        #expect(machine.nextWrite(from: queues, now: .zero) == [.pong(3)])
    }

    @Test("an unknown destination is told for discovery only, three at once and then one a second")
    func notHere() {
        let queues = Queues()
        var machine = steady(queues)
        func ask(at now: Duration, _ kind: RelayPacketKind = .disco) -> Int {
            _ = machine.destinationUnknown(other, kind: kind, now: now)
            let frames = machine.nextWrite(from: queues, now: now)
            if !frames.isEmpty { _ = machine.writeCompleted(now: now) }
            #expect(frames.allSatisfy { $0 == .peerGone(other, .notHere) })
            return frames.count
        }
        #expect(ask(at: .zero, .data) == 0)
        #expect((0..<10).map { _ in ask(at: .zero) }.reduce(0, +) == 3)
        #expect(ask(at: .milliseconds(999)) == 0)
        #expect(ask(at: .seconds(1)) == 1)
        #expect(ask(at: .seconds(1)) == 0)
        #expect((0..<10).map { _ in ask(at: .seconds(100)) }.reduce(0, +) == 3, "unused allowance is kept to the burst")
    }

    @Test("not-here answers do not pile up behind a write")
    func notHerePileUp() {
        let queues = Queues()
        var machine = steady(queues)
        _ = machine.received(.ping(1), now: .zero)
        _ = machine.nextWrite(from: queues, now: .zero)
        for second in 0..<100 {
            _ = machine.destinationUnknown(other, kind: .disco, now: .seconds(second))
        }
        _ = machine.writeCompleted(now: .seconds(100))
        #expect(machine.nextWrite(from: queues, now: .seconds(100)).count == 3)
    }

    @Test("a refused frame closes with what was wrong")
    func refusedFrame() {
        let queues = Queues()
        var machine = steady(queues)
        #expect(machine.frameRefused(.unexpected(.health)) == .close(.badFrame(.unexpected(.health))))
    }

    @Test("a closed machine is silent whatever comes")
    func closed() {
        let queues = Queues()
        _ = queues.offer([1], from: other, kind: .data)
        var machine = steady(queues)
        _ = queues.offer([1], from: other, kind: .data)
        _ = machine.received(.ping(1), now: .zero)
        #expect(machine.closeRequested(.shutdown) == .close(.shutdown))
        #expect(machine.closeRequested(.removed) == .none)
        #expect(machine.opened(now: .zero) == .none)
        #expect(machine.received(.ping(2), now: .zero) == .none)
        #expect(machine.clientInfoOpened(DERPClientInfo()) == .none)
        #expect(machine.clientInfoUnreadable() == .none)
        #expect(machine.admitted(now: .zero) == .none)
        #expect(machine.refused(.notAdmitted) == .none)
        #expect(machine.frameRefused(.badMagic) == .none)
        #expect(machine.destinationUnknown(other, kind: .disco, now: .zero) == .none)
        #expect(machine.nextWrite(from: queues, now: .zero) == [])
        #expect(machine.writeCompleted(now: .zero) == .none)
        #expect(machine.writeFailed() == .none)
        #expect(machine.deadlineReached(now: .seconds(1_000)) == .none)
        #expect(machine.disconnected() == .none)
        let (deadline, client) = (machine.nextDeadline, machine.client)
        #expect(deadline == nil)
        #expect(client == nil)
    }

    @Test("answers that nobody asked for are our bugs")
    func ourBugs() async {
        await #expect(processExitsWith: .failure) {
            var machine = RelaySamples.Machine(limits: RelayLimits(), keepAliveJitter: .zero)
            _ = machine.opened(now: .zero)
            _ = machine.admitted(now: .zero)
        }
        await #expect(processExitsWith: .failure) {
            var machine = RelaySamples.Machine(limits: RelayLimits(), keepAliveJitter: .zero)
            _ = machine.writeCompleted(now: .zero)
        }
    }
}
