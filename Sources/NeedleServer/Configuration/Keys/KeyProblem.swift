// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why the value of a key cannot be taken.
struct KeyProblem: Error, Equatable, Sendable {
    /// What is wrong.
    let problem: String
    /// What would be right.
    let advice: String

    /// `problem` and `advice` as two clauses of one sentence.
    init(_ problem: String, _ advice: String) {
        self.problem = problem
        self.advice = advice
    }

    /// How much of a value a message repeats.
    static let maximumQuotedCharacters = 60

    /// `text` in quotes, escaped and shortened, for a message.
    static func quote(_ text: String) -> String {
        let shortened = text.prefix(maximumQuotedCharacters)
        return (shortened.count < text.count ? shortened + "…" : shortened).debugDescription
    }
}
