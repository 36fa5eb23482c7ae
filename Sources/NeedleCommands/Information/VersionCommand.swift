// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import ArgumentParser
internal import NeedleAdmin

/// `version`.
package struct VersionCommand: ContextualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version of this program; no server is needed."
    )

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(in context: CommandContext) async throws {
        let version = context.version
        try context.show(version, as: global.output) {
            "needletail \(version.version)" + (version.commit.isEmpty ? "" : " (\(version.commit))")
        }
    }
}
