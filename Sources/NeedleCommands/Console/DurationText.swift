// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Durations as Go and Prometheus write them: `90m`, `1h30m`, `1.5h`, `30d`.
///
/// - Source: Go's `time.ParseDuration`, with the units d, w and y of Prometheus' `model.ParseDuration`.
enum DurationText {
    /// The longest that is taken: about 290 years, as in Go.
    private static let secondsMax = 9_223_372_036.0

    private static let units: [String: Double] = [
        "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604_800,
        "y": 31_536_000,
    ]

    /// Reads a duration that is not negative; a bare `0` needs no unit.
    static func parse(_ text: String) -> Duration? {
        if text == "0" { return .zero }
        var rest = text[...]
        var seconds = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { "0123456789.".contains($0) }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { !"0123456789.".contains($0) }
            rest = rest.dropFirst(name.count)
            guard let number = Double(digits), let unit = units[String(name)] else { return nil }
            seconds += number * unit
            guard seconds <= secondsMax else { return nil }
        }
        return .milliseconds(Int64((seconds * 1000).rounded()))
    }
}
