// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import ArgumentParser
internal import NeedleServer

/// Checks the configuration: `needletail configtest`.
package struct ConfigTestCommand: ContextualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "configtest",
        abstract: "Check the configuration without starting a server; the exit status is 0 if one would start."
    )

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in context: CommandContext) async throws {
        let source = ConfigurationSource(global: global, environment: context.environment)
        let report: ConfigurationReport
        do {
            let loaded = try source.load()
            report = ConfigurationReport(findings: loaded.notices + loaded.configuration.policyFindings())
        } catch let error as ConfigurationError {
            report = ConfigurationReport(findings: error.findings)
        }
        try context.show(report.entries, as: global.output) {
            (report.lines(fileName: source.name) + (report.isUsable ? ["the configuration is good"] : []))
                .joined(separator: "\n")
        }
        if !report.isUsable { throw ExitCode.failure }
    }
}
