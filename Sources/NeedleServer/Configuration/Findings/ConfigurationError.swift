// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why the server does not start: everything that is wrong with its configuration, not only the first thing.
package struct ConfigurationError: Error, Equatable, Sendable {
    /// Errors, at least one, and warnings, in the order of the file.
    package let findings: [ConfigurationFinding]

    /// The error that consists of `findings`.
    package init(findings: [ConfigurationFinding]) {
        self.findings = findings
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// One line for each finding.
    package var description: String {
        ConfigurationReport(findings: findings).lines().joined(separator: "\n")
    }
}
