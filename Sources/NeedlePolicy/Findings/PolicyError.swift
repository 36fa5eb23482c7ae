// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why a policy is refused: everything that was found, in the order of the text.
package struct PolicyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No more than this are looked for.
    package static let findingsMax = FindingCollector.findingsMax

    /// At least one.
    package let findings: [PolicyFinding]

    package init(findings: [PolicyFinding]) {
        self.findings = findings
    }

    package var description: String { findings.map(\.description).joined(separator: "\n") }
}
