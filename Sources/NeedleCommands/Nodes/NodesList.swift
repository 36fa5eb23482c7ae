// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `nodes list`.
struct NodesList: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List nodes.",
        aliases: ["ls"]
    )

    @Option(
        name: [.customShort("u", allowingJoined: true), .long],
        help: "Only the nodes of this user, by id or name."
    )
    var user: String?

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let answer: NodeObject.ListEnvelope = try await context.withClient(global) { client in
            let owner = if let user { try await client.user(user).name } else { String?.none }
            return try await client.get(RequestPath("node", query: [("user", owner)]))
        }
        try context.show(answer.nodes, as: global.output) {
            answer.nodes.isEmpty ? "" : table(answer.nodes, context).text(context.style)
        }
        if answer.nodes.isEmpty {
            context.suggest(
                """
                no machine has joined yet; make a key for one with:
                  \(global.commandLine(context)) preauthkeys create --user USER
                """,
                as: global.output
            )
        }
    }

    private func table(_ nodes: [NodeObject], _ context: CommandContext) -> TextTable {
        var table = TextTable("ID", "NAME", "OWNER", "ADDRESSES", "STATE", "LAST SEEN", "KEY EXPIRES")
        let now = context.now()
        for node in nodes {
            let text = NodeText(node: node, now: now)
            table.add(
                .init(node.id),
                .init(node.givenName),
                .init(text.owner),
                .init(node.ipAddresses.joined(separator: " ")),
                text.state,
                .init(text.lastSeen),
                text.expiry
            )
        }
        return table
    }
}
