// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// How long something took, over all clients for which it happened.
package struct Distribution: Codable, Equatable, Sendable {
    /// For how many it happened.
    package let count: Int
    /// Half of them were quicker.
    package let p50: Double
    /// Nineteen in twenty were quicker.
    package let p95: Double
    /// Ninety-nine in a hundred were quicker.
    package let p99: Double
    /// The slowest.
    package let max: Double

    enum CodingKeys: String, CodingKey {
        case count
        case p50 = "p50_s"
        case p95 = "p95_s"
        case p99 = "p99_s"
        case max = "max_s"
    }

    /// One with everything given.
    init(count: Int, p50: Double, p95: Double, p99: Double, max: Double) {
        self.count = count
        self.p50 = p50
        self.p95 = p95
        self.p99 = p99
        self.max = max
    }

    /// The distribution of some seconds, or nothing if there are none.
    ///
    /// A percentile is the smallest value that at least so many values do not exceed (nearest rank).
    package init?(_ seconds: [Double]) {
        let sorted = seconds.sorted()
        guard let last = sorted.last else { return nil }
        func rank(_ percent: Int) -> Double {
            sorted[Swift.max((sorted.count * percent + 99) / 100, 1) - 1]
        }
        count = sorted.count
        p50 = rank(50)
        p95 = rank(95)
        p99 = rank(99)
        max = last
    }
}

extension Distribution: CustomStringConvertible {
    package var description: String {
        "p50 \(ReportText.seconds(p50)), p95 \(ReportText.seconds(p95)), p99 \(ReportText.seconds(p99)), "
            + "max \(ReportText.seconds(max))"
    }
}
