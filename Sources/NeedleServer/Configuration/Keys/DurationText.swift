// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Durations as headscale's files write them: Go's units, and Prometheus' days, weeks and years.
///
/// - Shape: `30m`, `1h30m`, `1.5h`, `800ms`, `180d`, `0`.
enum DurationText {
    /// The longest duration that is taken: a hundred years.
    static let maximum = Duration.seconds(100 * 365 * 86400)

    private static let units: [(name: String, nanoseconds: Int128)] = [
        ("ns", 1), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60 * 1_000_000_000), ("h", 3600 * 1_000_000_000), ("d", 86400 * 1_000_000_000),
        ("w", 7 * 86400 * 1_000_000_000), ("y", 365 * 86400 * 1_000_000_000),
    ]

    /// The duration that `text` says.
    static func parse(_ text: String) -> Duration? {
        guard text != "0" else { return .zero }
        guard text.utf8.count <= 64, !text.isEmpty else { return nil }
        var rest = Substring(text)
        var total: Int128 = 0
        while !rest.isEmpty {
            guard let part = takePart(&rest) else { return nil }
            total += part
            guard total <= nanoseconds(maximum) else { return nil }
        }
        return .nanoseconds(Int64(total))
    }

    /// `duration` as ``parse(_:)`` reads it, in the largest units.
    static func render(_ duration: Duration) -> String {
        var rest = nanoseconds(duration)
        guard rest > 0 else { return "0" }
        var text = ""
        for name in ["d", "h", "m", "s", "ms", "us", "ns"] {
            guard let unit = units.first(where: { $0.name == name }) else { continue }
            if rest >= unit.nanoseconds { text += "\(rest / unit.nanoseconds)\(name)" }
            rest %= unit.nanoseconds
        }
        return text
    }

    private static func nanoseconds(_ duration: Duration) -> Int128 {
        let parts = duration.components
        return Int128(parts.seconds) * 1_000_000_000 + Int128(parts.attoseconds / 1_000_000_000)
    }

    /// The nanoseconds of the number and unit that `rest` starts with.
    private static func takePart(_ rest: inout Substring) -> Int128? {
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction = Substring()
        if rest.first == "." {
            fraction = rest.dropFirst().prefix(while: isDigit)
            rest = rest.dropFirst(1 + fraction.count)
        }
        let name = rest.prefix(while: { !isDigit($0) && $0 != "." })
        rest = rest.dropFirst(name.count)
        guard whole.count + fraction.count > 0, whole.count <= 18, fraction.count <= 9,
            let unit = units.first(where: { $0.name == name })
        else { return nil }
        let scale = (0..<fraction.count).reduce(Int128(1)) { power, _ in power * 10 }
        guard let number = Int128(whole + fraction) else { return nil }
        return number * unit.nanoseconds / scale
    }

    private static func isDigit(_ character: Character) -> Bool {
        ("0"..."9").contains(character)
    }
}
