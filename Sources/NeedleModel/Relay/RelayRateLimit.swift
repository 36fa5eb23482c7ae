// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Allows a few events at once and a steady rate in the long run.
///
/// Keeps the time at which a source that used every allowance would be due, which says as much as a token bucket in one
/// number.
///
/// - Source: ITU-T I.371, the generic cell rate algorithm.
package struct RelayRateLimit: Equatable, Sendable {
    private let interval: Duration
    private let tolerance: Duration
    private var dueAt: Duration?

    /// Allows `burst` at once, and one every `interval` after that; a burst below one counts as one.
    package init(burst: Int, interval: Duration) {
        self.interval = interval
        tolerance = interval * max(0, burst - 1)
    }

    /// Whether one more event is allowed at `now`; counts it if so.
    package mutating func allows(at now: Duration) -> Bool {
        let due = max(dueAt ?? now, now)
        guard due - now <= tolerance else { return false }
        dueAt = due + interval
        return true
    }
}
