// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// Times as people say them, seen from now.
enum TimeText {
    /// `3 minutes ago`, `in 2 days`, `just now`.
    static func relative(_ time: Timestamp, to now: Timestamp) -> String {
        let seconds = (time - now).components.seconds
        let text = span(seconds.magnitude)
        guard let text else { return "just now" }
        return seconds < 0 ? "\(text) ago" : "in \(text)"
    }

    /// The largest unit alone, rounded to the nearest, since `59 minutes and 59 seconds` is an hour to people.
    private static func span(_ seconds: UInt64) -> String? {
        let units: [(String, UInt64)] = [
            ("year", 31_536_000), ("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1),
        ]
        guard let (name, length) = units.first(where: { seconds + $0.1 / 20 >= $0.1 }) else { return nil }
        let (whole, rest) = seconds.quotientAndRemainder(dividingBy: length)
        let count = whole + (rest * 2 >= length ? 1 : 0)
        return count == 0 ? nil : "\(count) \(name)\(count == 1 ? "" : "s")"
    }
}
