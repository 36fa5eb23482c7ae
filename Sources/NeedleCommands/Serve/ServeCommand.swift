// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import ArgumentParser
internal import Logging
internal import NeedleServer
internal import NeedleStorage
internal import NeedleTransport

/// Runs the server: `needletail serve`.
package struct ServeCommand: ContextualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server.",
        discussion: """
            Without configuration it keeps its data in ./needletail-data, listens on 127.0.0.1:8080 and brings its own \
            relay. With both --config and --data-dir, keys in the file win.
            """
    )

    @OptionGroup package var global: GlobalOptions

    /// For programs that start a server for themselves and may be killed.
    @Flag(name: .customLong("end-with-input"), help: .hidden)
    var endsWithInput = false

    package init() {}

    package func run(in context: CommandContext) async throws {
        let source = ConfigurationSource(global: global, environment: context.environment)
        let loaded: LoadedConfiguration
        do {
            loaded = try source.load()
        } catch let error as ConfigurationError {
            let lines = ConfigurationReport(findings: error.findings).lines(fileName: source.name)
            throw CommandError("the configuration cannot be used:\n" + lines.joined(separator: "\n"))
        }
        if endsWithInput { InputEnd.stopProcess() }
        for line in ConfigurationReport(findings: loaded.notices).lines(fileName: source.name) {
            context.console.writeError(line + "\n")
        }
        let logger = Logger(label: "needletail") { _ in
            ServerLog.handler(for: loaded.configuration.log, writeLine: context.console.writeError)
        }
        let console = context.console
        let global = self.global
        let program = CommandLine.arguments.first ?? "needletail"
        let server = NeedletailServer(configuration: loaded.configuration, logger: logger) { ready in
            console.write(Welcome(ready: ready, global: global, program: program).text)
        }
        do {
            try await server.run()
        } catch let error as any CustomStringConvertible & Error {
            throw CommandError("\(error)")
        }
    }
}
