// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import ArgumentParser

extension NeedletailCommand {
    package static let configuration = CommandConfiguration(
        commandName: "needletail",
        abstract: "A control server for Tailscale clients.",
        discussion: """
            Commands reach the server through its unix socket: the one of --socket, else of the --config file, else of \
            the data directory.
            """,
        subcommands: [
            ServeCommand.self,
            ConfigTestCommand.self,
            UsersCommand.self,
            PreAuthKeysCommand.self,
            NodesCommand.self,
            PolicyCommand.self,
            HealthCommand.self,
            VersionCommand.self,
            GenerateCommand.self,
            SwarmCommand.self,
        ]
    )
}
