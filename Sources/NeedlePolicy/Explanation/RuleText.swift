// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON

/// The rules of a policy as they stand in its text.
struct RuleText {
    /// Where a rule stands.
    struct Place {
        /// `acls`, `grants` or `ssh`.
        let section: String
        /// Its place in the section, from 1.
        let number: Int
        let offset: Int
    }

    /// A longer rule is cut off.
    private static let lengthMax = 160

    private let document: HuJSONDocument?
    /// Offsets of line breaks.
    private let newlines: [Int]

    init(_ policy: Policy) {
        newlines = policy.text.indices.filter { policy.text[$0] == UInt8(ascii: "\n") }
        document = try? HuJSONDocument(policy.text)
    }

    /// The line, from 1, of what begins at `offset`.
    func line(at offset: Int) -> Int { newlines.partitioningIndex { $0 >= offset } + 1 }

    /// The rule that begins at `offset`, in one line.
    func line(ofRuleAt offset: Int) -> String {
        guard let value = document?.value(at: offset) else { return "" }
        let line = HuJSONFormatter.line(value)
        return line.count <= Self.lengthMax ? line : line.prefix(Self.lengthMax - 1) + "…"
    }
}
