// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A piece of YAML as it was written: text, lists and mappings, each with the line that it starts on.
///
/// Scalars stay text. What `0770`, `yes` or `1.10` means depends on the key, so the reader of the key decides.
struct YAMLNode: Equatable, Sendable {
    /// What the piece is.
    indirect enum Content: Equatable, Sendable {
        /// Nothing: `key:`, `~` or `null` without quotes.
        case null
        /// A scalar's text.
        case text(String)
        /// The elements in order.
        case list([YAMLNode])
        /// The entries in order; keys are unique.
        case mapping([Entry])
    }

    /// A key and what it stands for.
    struct Entry: Equatable, Sendable {
        /// The key's text.
        let key: String
        /// The line of the key.
        let line: Int?
        /// What it stands for.
        let value: YAMLNode
    }

    /// What the piece is.
    let content: Content
    /// From 1; nothing for what came from the environment.
    let line: Int?

    /// A scalar outside a file.
    init(text: String) {
        self.init(content: .text(text), line: nil)
    }

    /// The piece with this content.
    init(content: Content, line: Int?) {
        self.content = content
        self.line = line
    }

    /// How a message names the kind of piece.
    var kindName: String {
        switch content {
        case .null: "nothing"
        case .text: "a single value"
        case .list: "a list"
        case .mapping: "a section"
        }
    }
}
