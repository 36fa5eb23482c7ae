// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import Testing

@Suite struct RelayRateLimitTests {
    @Test("a burst, then one an interval")
    func burst() {
        var limit = RelayRateLimit(burst: 2, interval: .seconds(1))
        let allowed = [0, 0, 0, 500, 999, 1_000, 1_001, 2_000, 9_000, 9_000, 9_000].map {
            limit.allows(at: .milliseconds($0))
        }
        #expect(allowed == [true, true, false, false, false, true, false, true, true, true, false])
    }

    @Test("no burst is a burst of one")
    func noBurst() {
        var limit = RelayRateLimit(burst: 0, interval: .seconds(1))
        #expect(limit.allows(at: .zero) == true)
        #expect(limit.allows(at: .zero) == false)
    }

    @Test("a clock that goes back allows no more than it should")
    func backwards() {
        var limit = RelayRateLimit(burst: 1, interval: .seconds(1))
        #expect(limit.allows(at: .seconds(10)) == true)
        #expect(limit.allows(at: .seconds(5)) == false)
        #expect(limit.allows(at: .seconds(11)) == true)
    }
}
