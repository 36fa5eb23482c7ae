// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Marks in text for people: colours on a terminal, nothing elsewhere.
enum TextStyle: Sendable {
    case plain
    case coloured

    /// What a mark means.
    enum Mark: String, Sendable {
        case heading = "1"
        case good = "32"
        case bad = "31"
        case faint = "2"
    }

    /// The text with the mark around it.
    func apply(_ mark: Mark?, to text: String) -> String {
        guard self == .coloured, let mark, !text.isEmpty else { return text }
        return "\u{1b}[\(mark.rawValue)m\(text)\u{1b}[0m"
    }
}
