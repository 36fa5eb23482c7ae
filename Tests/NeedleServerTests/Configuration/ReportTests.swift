// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Testing

@testable import NeedleServer

@Suite struct ReportTests {
    private let findings: [ConfigurationFinding] = [
        .init(severity: .error, key: "log.level", origin: .file(line: 12), problem: "loud", advice: "write info"),
        .init(severity: .warning, key: "", origin: .environment("NEEDLETAIL_X"), problem: "no key", advice: "ignored"),
        .init(severity: .error, key: "", origin: .file(line: nil), problem: "not YAML", advice: "check"),
        .init(severity: .warning, key: "server_url", origin: .none, problem: "not set", advice: "set it"),
    ]

    @Test("a person reads one line a finding")
    func lines() {
        #expect(
            ConfigurationReport(findings: findings).lines(fileName: "config.yaml") == [
                "config.yaml:12: error: log.level: loud; write info",
                "environment NEEDLETAIL_X: warning: no key; ignored",
                "config.yaml: error: not YAML; check",
                "config.yaml: warning: server_url: not set; set it",
            ]
        )
    }

    @Test("a program reads the same as JSON")
    func json() throws {
        let entries = ConfigurationReport(findings: findings).entries
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(entries)
        #expect(try JSONDecoder().decode([ConfigurationReport.Entry].self, from: data) == entries)
        let first = String(decoding: try encoder.encode(entries[0]), as: UTF8.self)
        #expect(
            first == #"{"advice":"write info","key":"log.level","line":12,"problem":"loud","severity":"error"}"#
        )
        #expect(entries[1].environment == "NEEDLETAIL_X" && entries[1].line == nil)
    }

    @Test("a configuration with warnings alone is usable")
    func usable() {
        #expect(!ConfigurationReport(findings: findings).isUsable)
        #expect(ConfigurationReport(findings: findings.filter { $0.severity == .warning }).isUsable)
        #expect(ConfigurationReport(findings: []).isUsable)
    }

    @Test("an error prints every finding")
    func errorDescription() {
        let error = ConfigurationError(findings: findings)
        #expect("\(error)".split(separator: "\n").count == 4)
    }
}
