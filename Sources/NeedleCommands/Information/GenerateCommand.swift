// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import ArgumentParser

/// The group of commands that make things without a server.
package struct GenerateCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Make keys.",
        subcommands: [GeneratePrivateKey.self],
        aliases: ["gen"]
    )

    package init() {}
}
