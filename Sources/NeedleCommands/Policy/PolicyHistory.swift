// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `policy history`.
struct PolicyHistory: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the versions of the policy: who set them, when and why."
    )

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let answer: PolicyVersionObject.ListEnvelope = try await context.withClient(global) { client in
            try await client.get(RequestPath("policy", "history"))
        }
        try context.show(answer.versions, as: global.output) {
            answer.versions.isEmpty ? "" : table(answer.versions, context).text(context.style)
        }
        if answer.versions.isEmpty {
            context.suggest(
                """
                no versions are kept; with policy.mode: database in the configuration, every policy that is set is one:
                  \(global.commandLine(context)) policy set FILE
                """,
                as: global.output
            )
        }
    }

    private func table(_ versions: [PolicyVersionObject], _ context: CommandContext) -> TextTable {
        var table = TextTable("VERSION", "SET", "BY", "BYTES", "COMMENT")
        for version in versions {
            table.add(
                .init(version.inForce ? "\(version.id) (in force)" : version.id, version.inForce ? .good : nil),
                .init(TimeText.relative(version.createdAt, to: context.now())),
                .init(version.author.isEmpty ? "-" : version.author),
                .init("\(version.bytes)"),
                .init(version.comment)
            )
        }
        return table
    }
}
