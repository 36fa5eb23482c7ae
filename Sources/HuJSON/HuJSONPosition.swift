// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A place in a text, as an editor shows it.
package struct HuJSONPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Bytes before this place.
    package let offset: Int
    /// From 1 up.
    package let line: Int
    /// From 1 up, in Unicode scalars, so that a column survives letters of more than one byte.
    package let column: Int

    package init(offset: Int, line: Int, column: Int) {
        self.offset = offset
        self.line = line
        self.column = column
    }

    /// Finds the line and column of `offset`.
    ///
    /// - Complexity: O(offset); for messages, not for loops over values.
    package init(offset: Int, in text: [UInt8]) {
        self = HuJSONPosition(offset: 0, line: 1, column: 1).moved(to: offset, in: text)
    }

    /// The position at `offset`, which is not before this one.
    ///
    /// - Complexity: O(distance).
    package func moved(to offset: Int, in text: [UInt8]) -> HuJSONPosition {
        var line = line
        var column = column
        for byte in text[min(self.offset, text.count)..<max(self.offset, min(offset, text.count))] {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xc0 != 0x80 {
                column += 1
            }
        }
        return HuJSONPosition(offset: offset, line: line, column: column)
    }

    package var description: String { "line \(line), column \(column)" }

    package static func < (left: Self, right: Self) -> Bool { left.offset < right.offset }
}
