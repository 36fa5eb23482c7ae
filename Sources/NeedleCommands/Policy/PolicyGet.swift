// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `policy get`.
struct PolicyGet: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print the policy in force, or an older version of it, as it was set.",
        aliases: ["show", "view", "fetch"]
    )

    @Option(help: ArgumentHelp("The number of an older version; 'policy history' lists them.", valueName: "number"))
    var version: String?

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let policy: PolicyObject = try await context.withClient(global) { client in
            guard let version else { return try await client.get(.allFields("policy")) }
            return try await client.get(.allFields("policy", "history", version))
        }
        if let format = global.output {
            try context.show(policy, as: format) { "" }
        } else {
            // Byte for byte, so that it can be edited and set again.
            context.console.write(policy.policy)
        }
    }
}
