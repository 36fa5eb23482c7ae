// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A comment, and how far it stands from what comes before it.
struct HuJSONComment: Equatable, Sendable {
    /// Without the line break that ends a comment with two slashes.
    let range: Range<Int>
    /// Whether it ends with its line.
    let isLine: Bool
    /// Line breaks between it and what comes before.
    var newlinesBefore: Int

    /// The comment for an output at `depth`, without blanks at the ends of its lines.
    ///
    /// Lines that begin with an asterisk are put under the first one; others stay as they are.
    func text(in source: [UInt8], depth: Int) -> [UInt8] {
        let lines = source[range].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map(Self.withoutTrailingBlanks)
        guard lines.count > 1 else { return lines.first ?? [] }
        let bodies = lines.dropFirst().map { Array($0.drop(while: Self.isBlank)) }
        guard bodies.allSatisfy({ $0.first == UInt8(ascii: "*") }) else {
            return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
        }
        let indent = [UInt8(ascii: "\n")] + Array(repeating: UInt8(ascii: "\t"), count: depth) + [UInt8(ascii: " ")]
        return bodies.reduce(into: lines[0]) { $0 += indent + $1 }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    private static func withoutTrailingBlanks(_ line: ArraySlice<UInt8>) -> [UInt8] {
        Array(line.prefix(line.count - line.reversed().prefix(while: isBlank).count))
    }
}
