// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import Testing

@testable import NeedleSwarm

@Suite struct DeliveryTimesTests {
    @Test("percentiles are rounded up to milliseconds, and sums count all")
    func distribution() throws {
        var one = DeliveryTimes()
        for milliseconds in 1...60 { one.add(.milliseconds(Int64(milliseconds))) }
        var two = DeliveryTimes()
        for milliseconds in 61...100 { two.add(.microseconds(Int64(milliseconds) * 1000 - 500)) }
        let sum = try #require((one + two).distribution)
        #expect((sum.count, sum.p50, sum.p95, sum.max) == (100, 0.05, 0.095, 0.1))
        #expect((one + DeliveryTimes()).total == 60)
        #expect((DeliveryTimes() + one).distribution?.max == 0.06)
        #expect(DeliveryTimes().distribution == nil)
    }

    @Test("what takes longer than a minute counts as a minute")
    func long() {
        var times = DeliveryTimes()
        times.add(.hours(2))
        times.add(.nanoseconds(-5))
        #expect(times.distribution?.max == 60)
        #expect(times.distribution?.p50 == 0)
    }
}
