// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import Testing

@testable import NeedleSwarm

@Suite struct QuietWatchTests {
    private static let watch = QuietWatch(start: time(100), silence: .seconds(3), timeLimit: .seconds(60))

    private static func time(_ seconds: Double) -> NIODeadline {
        .uptimeNanoseconds(UInt64(seconds * 1e9))
    }

    @Test("a server is quiet when nothing has come for a while, from the beginning on")
    func silent() {
        #expect(Self.watch.step(lastMessage: nil, now: Self.time(100)) == .wait(until: Self.time(103)))
        #expect(Self.watch.step(lastMessage: nil, now: Self.time(103)) == .quiet)
        #expect(Self.watch.step(lastMessage: Self.time(40), now: Self.time(100)) == .wait(until: Self.time(103)))
        #expect(Self.watch.tail(lastMessage: Self.time(40)) == 0)
    }

    @Test("each message begins the silence anew, and the tail ends with the last")
    func tail() {
        #expect(Self.watch.step(lastMessage: Self.time(102), now: Self.time(103)) == .wait(until: Self.time(105)))
        #expect(Self.watch.step(lastMessage: Self.time(102), now: Self.time(105)) == .quiet)
        #expect(Self.watch.tail(lastMessage: Self.time(102)) == 2)
    }

    @Test("a server that never stops is not waited for without end")
    func endless() {
        #expect(Self.watch.step(lastMessage: Self.time(162), now: Self.time(162)) == .wait(until: Self.time(163)))
        #expect(Self.watch.step(lastMessage: Self.time(163), now: Self.time(163)) == .gaveUp)
        // A silence that began within the limit is waited for.
        #expect(Self.watch.step(lastMessage: Self.time(159), now: Self.time(162)) == .quiet)
    }
}
