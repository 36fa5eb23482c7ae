// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import ArgumentParser

/// The options that every command takes, before or after its verb.
///
/// The root and each command hold this group; argument-parser fills it once and hands it on.
package struct GlobalOptions: ParsableArguments {
    @Option(
        name: [.customShort("c"), .customLong("config")],
        help: ArgumentHelp("The server's configuration file.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml", "json"])
    )
    package var configuration: String?

    @Option(help: ArgumentHelp("The unix socket of the running server.", valueName: "path"), completion: .file())
    package var socket: String?

    @Option(
        name: .customLong("data-dir"),
        help: ArgumentHelp(
            "The server's data directory (default: \(GlobalOptions.defaultDataDirectory)).",
            valueName: "folder"
        ),
        completion: .directory
    )
    package var dataDirectory: String?

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: "What programs get: json, json-line or yaml; without it, text for people."
    )
    package var output: OutputFormat?

    @Flag(help: "Do not ask before something is destroyed.")
    package var force = false

    package init() {}

    /// Where a server without configuration keeps its data.
    package static let defaultDataDirectory = "./needletail-data"
    /// The socket's name inside the data directory.
    package static let socketName = "needletail.sock"
    /// The variable that stands in for ``configuration``.
    package static let configurationVariable = "NEEDLETAIL_CONFIG"
    /// The variable that stands in for ``dataDirectory``.
    package static let dataDirectoryVariable = "NEEDLETAIL_DATA_DIR"

    /// The configuration file that was named, if one was.
    package func configurationPath(environment: [String: String]) -> String? {
        configuration ?? environment[Self.configurationVariable].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The data directory that was named, or the default one.
    package func dataDirectoryPath(environment: [String: String]) -> String {
        dataDirectory ?? environment[Self.dataDirectoryVariable].flatMap { $0.isEmpty ? nil : $0 }
            ?? Self.defaultDataDirectory
    }

    /// The program and the options that say which server is meant: the beginning of a suggested command line.
    func commandLine(_ context: CommandContext) -> String {
        let options = [("--config", configuration), ("--socket", socket), ("--data-dir", dataDirectory)]
        let selection = options.compactMap { name, value in value.map { " \(name) \(ShellText.quoted($0))" } }
        return ShellText.quoted(context.program) + selection.joined()
    }
}
