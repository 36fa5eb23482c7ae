// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `policy rollback`.
struct PolicyRollback: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Put the text of an older version in force again, as a new version.",
        discussion: """
            Shows what it would change and asks, if standard input is a terminal and --force is absent; 'policy \
            history' lists the versions.
            """
    )

    @Argument(help: ArgumentHelp("The number of the older version.", valueName: "number"))
    var version: String

    @Option(help: ArgumentHelp("Why, for the history.", valueName: "text"))
    var comment: String?

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let set: PolicyObject = try await context.withClient(global) { client in
            let old: PolicyObject = try await client.get(.allFields("policy", "history", version))
            let change = PolicyChange(text: old.policy, client: client)
            try await change.confirm("Put version \(version) in force again?", context, global)
            return try await client.post(
                .allFields("policy", "rollback"),
                RollBackPolicyRequest(version: version, author: context.userName, comment: comment)
            )
        }
        try context.show(set, as: global.output) { PolicyChange.summary(of: set) + ", with the text of \(version)" }
    }
}
