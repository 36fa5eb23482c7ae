// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Text from elsewhere on a terminal: how wide it is, and what may not be in it.
///
/// Names come from clients, so without this a host name could move the cursor or hide the line below it.
enum TerminalText {
    /// The text with every control and direction character replaced by U+FFFD.
    static func printable(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(isHarmful(scalar) ? "\u{fffd}" : scalar) }
        return String(result)
    }

    /// As ``printable(_:)``, for text of several lines.
    static func printableLines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }
            .joined(separator: "\n")
    }

    /// How many columns the text takes: East Asian wide characters and emoji take two, combining marks none.
    ///
    /// - Source: Unicode Standard Annex 11, by ranges of blocks.
    static func width(_ text: String) -> Int {
        text.reduce(0) { $0 + width($1) }
    }

    private static func width(_ character: Character) -> Int {
        guard let scalar = character.unicodeScalars.first else { return 0 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // A variation selector 16 asks for the emoji form of a character that has both.
        let asksForEmoji = character.unicodeScalars.contains("\u{fe0f}")
        return scalar.properties.isEmojiPresentation || asksForEmoji || isWide(scalar.value) ? 2 : 1
    }

    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xa000...0xa4cf,
            0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6,
            0x17000...0x18aff, 0x1b000...0x1b2ff, 0x20000...0x3fffd:
            true
        default: false
        }
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // Controls, and the marks that turn the direction of text around.
        case 0..<0x20, 0x7f..<0xa0, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
