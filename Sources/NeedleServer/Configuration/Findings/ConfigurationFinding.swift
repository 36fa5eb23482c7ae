// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// One thing about a configuration that its administrator should know.
package struct ConfigurationFinding: Hashable, Sendable {
    /// Whether the server may start.
    package enum Severity: String, Sendable, Comparable {
        /// The server starts, and does something else than the key says.
        case warning
        /// The server does not start.
        case error

        package static func < (left: Self, right: Self) -> Bool { left == .warning && right == .error }
    }

    /// Where the value was given.
    package enum Origin: Hashable, Sendable {
        /// In the file, at a line from 1 if the parser knows it.
        case file(line: Int?)
        /// In this environment variable.
        case environment(String)
        /// Nowhere: a default, or something that is missing.
        case none
    }

    /// Whether the server may start.
    package let severity: Severity
    /// The key in full; empty when the finding is about the whole file.
    package let key: String
    /// Where the value was given.
    package let origin: Origin
    /// What is wrong.
    package let problem: String
    /// What would be right, or what happens instead.
    package let advice: String

    /// The finding with these parts.
    package init(severity: Severity, key: String, origin: Origin, problem: String, advice: String) {
        self.severity = severity
        self.key = key
        self.origin = origin
        self.problem = problem
        self.advice = advice
    }
}
