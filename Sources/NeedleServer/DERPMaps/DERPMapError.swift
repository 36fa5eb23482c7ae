// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why a description of relays cannot be used.
package struct DERPMapError: Error, Equatable, Sendable {
    /// The file or URL that it comes from.
    package let source: String
    /// Where in the file, from 1, if known.
    package let line: Int?
    /// What is wrong.
    package let problem: String
    /// What would be right.
    package let advice: String

    /// The error with these parts.
    package init(source: String, line: Int? = nil, problem: String, advice: String) {
        self.source = source
        self.line = line
        self.problem = problem
        self.advice = advice
    }
}

extension DERPMapError: CustomStringConvertible {
    package var description: String {
        "\(source)\(line.map { ":\($0)" } ?? ""): \(problem); \(advice)"
    }
}
