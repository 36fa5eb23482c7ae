// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleModel
import NeedleTypes
import Testing

@testable import NeedleTransport

@Suite struct MapStreamPacerTests {
    private let start = NIODeadline.uptimeNanoseconds(100_000_000_000)

    private func pacer(workedFor length: TimeAmount, arrivals: [TimeAmount]) -> MapStreamPacer {
        var pacer = MapStreamPacer(restFactor: 9)
        for (index, arrival) in arrivals.enumerated() {
            pacer.clientCame(NodeID(Int64(index)), at: start + arrival)
        }
        pacer.worked(.rounds, from: start, to: start + length)
        return pacer
    }

    @Test("without clients that come, work goes on after a look at the sockets")
    func idle() {
        let pacer = pacer(workedFor: .milliseconds(10), arrivals: [])
        let end = start + .milliseconds(10)
        #expect(pacer.resumption(of: .rounds, now: end) == end + MapStreamPacer.breath)
    }

    @Test("while clients come, work rests a multiple of what it took, and no longer than others are awaited")
    func arrivals() {
        // They have come for 200 ms, so others are awaited for another 100.
        let times = stride(from: -200, through: 0, by: 10).map { TimeAmount.milliseconds(Int64($0)) }
        // What was saved before is used up.
        var tired = pacer(workedFor: .milliseconds(20), arrivals: times)
        tired.worked(.rounds, from: start + .milliseconds(20), to: start + .milliseconds(22))
        var short = tired
        short.worked(.rounds, from: start + .milliseconds(40), to: start + .milliseconds(42))
        #expect(short.resumption(of: .rounds, now: start + .milliseconds(42)) == start + .milliseconds(60))
        var long = tired
        long.worked(.rounds, from: start + .milliseconds(40), to: start + .milliseconds(90))
        // The 72 ms of work are not time in which nobody came.
        #expect(long.resumption(of: .rounds, now: start + .milliseconds(90)) == start + .milliseconds(172))
        // Other work has a rest of its own.
        let now = start + .milliseconds(42)
        #expect(short.resumption(of: .fullMaps, now: now) < now)
    }

    @Test("a round that concerns many, with little to tell before, keeps the next one waiting no longer than is due")
    func savedRest() {
        // They have come for 600 ms, so others are awaited for another 250.
        let times = stride(from: -600, through: 0, by: 10).map { TimeAmount.milliseconds(Int64($0)) }
        var pacer = pacer(workedFor: .zero, arrivals: times)
        // 7 ms owe 63, and 100 are saved.
        let first = start + .milliseconds(20)
        pacer.worked(.rounds, from: first, to: first + .milliseconds(7))
        let end = first + .milliseconds(7)
        #expect(pacer.resumption(of: .rounds, now: end) == end + MapStreamPacer.breath)
        // Again at once: 37 are left, and 26 still to be rested.
        pacer.worked(.rounds, from: end, to: end + .milliseconds(7))
        let next = end + .milliseconds(7)
        #expect(pacer.resumption(of: .rounds, now: next) == next + .milliseconds(26))
    }

    @Test("a rush begins without saved rest, and full maps are no rest for rounds")
    func restIsNotSaved() {
        var pacer = MapStreamPacer(restFactor: 9)
        for index in 0...MapStreamPacer.rushMin { pacer.clientCame(NodeID(Int64(index)), at: start) }
        pacer.worked(.rounds, from: start, to: start + .milliseconds(1))
        // 9 ms are owed; of the 20 until the next round 12 go to full maps.
        pacer.worked(.fullMaps, from: start + .milliseconds(5), to: start + .milliseconds(17))
        pacer.worked(.rounds, from: start + .milliseconds(21), to: start + .milliseconds(22))
        let now = start + .milliseconds(22)
        #expect(pacer.resumption(of: .rounds, now: now) == now + .milliseconds(9))
    }

    @Test("full maps rest less the longer nobody has come, and do not wait for stragglers")
    func fullMaps() {
        // They have come for 200 ms, so others are awaited for another 100.
        let times = stride(from: -200, through: 0, by: 10).map { TimeAmount.milliseconds(Int64($0)) }
        var pacer = pacer(workedFor: .zero, arrivals: times)
        for (passed, rest) in [(2, 18), (52, 9), (90, 2)] as [(Int64, Int64)] {
            let end = start + .milliseconds(passed)
            pacer.worked(.fullMaps, from: end - .milliseconds(2), to: end)
            let resumption = pacer.resumption(of: .fullMaps, now: end)
            #expect((resumption - end).nanoseconds / 1_000_000 <= rest)
            #expect((resumption - end).nanoseconds >= (rest - 1) * 900_000)
        }
        // The three maps took 6 ms in which nobody could come.
        let end = start + .milliseconds(109)
        pacer.worked(.fullMaps, from: end - .milliseconds(2), to: end)
        #expect(pacer.resumption(of: .fullMaps, now: end) == end + MapStreamPacer.breath)
    }

    @Test("after a long rush full maps leave stragglers half of the time, too")
    func longRush() {
        let times = stride(from: -2000, through: 0, by: 10).map { TimeAmount.milliseconds(Int64($0)) }
        var pacer = pacer(workedFor: .zero, arrivals: times)
        for (passed, rest) in [(100, 18), (300, 2)] as [(Int64, Int64)] {
            let end = start + .milliseconds(passed)
            pacer.worked(.fullMaps, from: end - .milliseconds(2), to: end)
            #expect(pacer.resumption(of: .fullMaps, now: end) == end + .milliseconds(rest))
        }
    }

    @Test("stragglers get half of the time, and nobody waits for them for ever")
    func stragglers() {
        let times = [TimeAmount](repeating: .zero, count: MapStreamPacer.rushMin + 1)
        var pacer = pacer(workedFor: .milliseconds(2), arrivals: times)
        let later = start + .milliseconds(100)
        pacer.worked(.rounds, from: later, to: later + .milliseconds(5))
        #expect(pacer.resumption(of: .rounds, now: later + .milliseconds(5)) == later + .milliseconds(10))
        let end = start + MapStreamPacer.arrivalsLast.lowerBound + MapStreamPacer.stragglersLast
        pacer.worked(.rounds, from: end, to: end + .milliseconds(5))
        let now = end + .milliseconds(5)
        #expect(pacer.resumption(of: .rounds, now: now) == now + MapStreamPacer.breath)
    }

    @Test("what can wait is told at once after a pause, and seldom when there is much of it")
    func patience() {
        let end = start + .milliseconds(5)
        let pacer = pacer(workedFor: .milliseconds(5), arrivals: [])
        #expect(pacer.resumption(of: .rounds, now: end, .whenever) == end + .milliseconds(45))
        #expect(pacer.resumption(of: .rounds, now: end + .seconds(1), .whenever) < end + .seconds(1))
        let slow = self.pacer(workedFor: .seconds(1), arrivals: [])
        let later = start + .seconds(1)
        #expect(slow.resumption(of: .rounds, now: later, .whenever) == later + MapStreamPacer.patienceMax)
        #expect(slow.resumption(of: .rounds, now: later) == later + MapStreamPacer.breath)
        // All pieces of a round count.
        var pieces = pacer
        pieces.worked(.rounds, from: end, to: end + .milliseconds(10), isLast: false)
        pieces.worked(.rounds, from: end + .milliseconds(10), to: end + .milliseconds(11))
        let after = end + .milliseconds(11)
        #expect(pieces.resumption(of: .rounds, now: after, .whenever) == after + .milliseconds(99))
    }

    @Test("who has registered is told of after a lull, unless there is more to tell before")
    func lull() {
        let now = start + .seconds(1)
        let pacer = pacer(workedFor: .milliseconds(5), arrivals: [])
        #expect(pacer.resumption(of: .rounds, now: now, .soon) == now + MapStreamPacer.lull)
        #expect(pacer.resumption(of: .rounds, now: now, .now) < now)
    }

    @Test("one client that comes again and again keeps nobody waiting")
    func again() {
        var pacer = MapStreamPacer(restFactor: 9)
        for millisecond in 0..<1000 as Range<Int64> {
            pacer.clientCame(NodeID(7), at: start + .milliseconds(millisecond))
        }
        let end = start + .milliseconds(1010)
        pacer.worked(.rounds, from: end - .milliseconds(10), to: end)
        #expect(pacer.resumption(of: .rounds, now: end) == end + MapStreamPacer.breath)
    }

    @Test("few clients, or one after the other, keep nobody waiting")
    func few() {
        let few = [TimeAmount](repeating: .zero, count: MapStreamPacer.rushMin)
        let slow = (0..<50).map { TimeAmount.milliseconds(-40 * $0) }.reversed()
        for times in [few, Array(slow)] {
            let pacer = pacer(workedFor: .milliseconds(10), arrivals: times)
            let end = start + .milliseconds(10)
            #expect(pacer.resumption(of: .rounds, now: end) == end + MapStreamPacer.breath)
        }
    }
}
