// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import Testing

@testable import NeedleTransport

@Suite struct MapStreamPacerTests {
    private let start = NIODeadline.uptimeNanoseconds(100_000_000_000)

    private func pacer(workedFor length: TimeAmount, arrivals: [TimeAmount]) -> MapStreamPacer {
        var pacer = MapStreamPacer(restFactor: 9)
        for arrival in arrivals { pacer.clientCame(at: start + arrival) }
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
        let times = stride(from: -200, through: 0, by: 20).map { TimeAmount.milliseconds(Int64($0)) }
        let short = pacer(workedFor: .milliseconds(2), arrivals: times)
        #expect(short.resumption(of: .rounds, now: start + .milliseconds(2)) == start + .milliseconds(20))
        let long = pacer(workedFor: .milliseconds(50), arrivals: times)
        #expect(long.resumption(of: .rounds, now: start + .milliseconds(50)) == start + .milliseconds(100))
        // Other work has a rest of its own.
        let now = start + .milliseconds(2)
        #expect(short.resumption(of: .fullMaps, now: now) == now + MapStreamPacer.breath)
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
