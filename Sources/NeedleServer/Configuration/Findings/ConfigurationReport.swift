// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What `needletail configtest` has to say.
package struct ConfigurationReport: Sendable {
    /// One finding as a JSON object with stable names.
    package struct Entry: Codable, Equatable, Sendable {
        /// `error` or `warning`.
        package let severity: String
        /// The key in full; empty for the whole file.
        package let key: String
        /// The line in the file, from 1.
        package let line: Int?
        /// The environment variable.
        package let environment: String?
        /// What is wrong.
        package let problem: String
        /// What would be right, or what happens instead.
        package let advice: String
    }

    /// What there is to say, in order.
    package let findings: [ConfigurationFinding]

    /// The report of `findings`.
    package init(findings: [ConfigurationFinding]) {
        self.findings = findings
    }

    /// Whether a server would start.
    package var isUsable: Bool { !findings.contains { $0.severity == .error } }

    /// The findings for a program.
    package var entries: [Entry] {
        findings.map { finding in
            var line: Int?
            var environment: String?
            switch finding.origin {
            case .file(let number): line = number
            case .environment(let name): environment = name
            case .none: break
            }
            return Entry(
                severity: finding.severity.rawValue,
                key: finding.key,
                line: line,
                environment: environment,
                problem: finding.problem,
                advice: finding.advice
            )
        }
    }

    /// The findings for a person, one a line: `config.yaml:12: error: dns.base_domain: …; …`.
    package func lines(fileName: String = "configuration") -> [String] {
        findings.map { finding in
            let place =
                switch finding.origin {
                case .file(let line?): "\(fileName):\(line)"
                case .environment(let name): "environment \(name)"
                case .file(nil), .none: fileName
                }
            let key = finding.key.isEmpty ? "" : "\(finding.key): "
            return "\(place): \(finding.severity.rawValue): \(key)\(finding.problem); \(finding.advice)"
        }
    }
}
