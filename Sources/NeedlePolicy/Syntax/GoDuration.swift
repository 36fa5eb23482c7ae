// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Durations as Go writes them: `1h30m`, `30s`.
///
/// - Source: Go, `time.ParseDuration` and `Duration.String`.
struct GoDuration: Equatable, Sendable {
    let nanoseconds: Int64

    private static let units: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9,
    ]

    init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Reads numbers with units, such as `1h30m` or `-1.5s`.
    init(_ text: String) throws(SyntaxFailure) {
        var rest = Substring(text)
        let isNegative = rest.hasPrefix("-")
        if isNegative || rest.hasPrefix("+") { rest = rest.dropFirst() }
        guard rest != "0" else {
            nanoseconds = 0
            return
        }
        guard !rest.isEmpty else { throw Self.invalid(text) }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            guard let value = Double(digits), digits.last != ".", digits.first != "." || digits.count > 1 else {
                throw Self.invalid(text)
            }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
            guard !unit.isEmpty else { throw SyntaxFailure("time: missing unit in duration \"\(text)\"") }
            guard let scale = Self.units[String(unit)] else {
                throw SyntaxFailure("time: unknown unit \"\(unit)\" in duration \"\(text)\"")
            }
            rest = rest.dropFirst(unit.count)
            total += value * scale
        }
        guard total < 9.2e18 else { throw Self.invalid(text) }
        nanoseconds = Int64(isNegative ? -total : total)
    }

    private static func invalid(_ text: String) -> SyntaxFailure {
        SyntaxFailure("time: invalid duration \"\(text)\"", hint: "write it as \"12h\" or \"1h30m\"")
    }
}

extension GoDuration: CustomStringConvertible {
    /// As Go prints it: `200h0m0s`.
    var description: String {
        let sign = nanoseconds < 0 ? "-" : ""
        let magnitude = nanoseconds.magnitude
        guard magnitude >= 1_000_000_000 else { return magnitude == 0 ? "0s" : "\(sign)\(magnitude)ns" }
        let (seconds, part) = magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        var fraction = ""
        if part > 0 {
            let digits = String(part)
            fraction = "." + String(repeating: "0", count: 9 - digits.count) + digits
            while fraction.last == "0" { fraction.removeLast() }
        }
        let tail = "\(seconds % 60)\(fraction)s"
        if seconds < 60 { return sign + tail }
        let minutes = "\(seconds / 60 % 60)m\(tail)"
        return sign + (seconds < 3_600 ? minutes : "\(seconds / 3_600)h\(minutes)")
    }
}
