// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `nodes list-routes`.
struct NodesListRoutes: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "list-routes",
        abstract: "List the routes that nodes offer, may serve, and serve.",
        aliases: ["lsr", "routes"]
    )

    @Option(
        name: [.customShort("i", allowingJoined: true), .customLong("identifier")],
        help: ArgumentHelp("Only this node, by id or name.", valueName: "node")
    )
    var identifier: String?

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let nodes = try await context.withClient(global) { client in
            if let identifier { return [try await client.node(identifier)] }
            let all: NodeObject.ListEnvelope = try await client.get(RequestPath("node"))
            return all.nodes.filter { !$0.availableRoutes.isEmpty || !$0.approvedRoutes.isEmpty }
        }
        try context.show(nodes, as: global.output) { nodes.isEmpty ? "" : table(nodes).text(context.style) }
        if nodes.isEmpty {
            context.suggest(
                """
                no node offers routes yet; a client does with, for example:
                  tailscale set --advertise-routes 10.0.0.0/24
                """,
                as: global.output
            )
        }
    }

    private func table(_ nodes: [NodeObject]) -> TextTable {
        var table = TextTable("ID", "HOSTNAME", "APPROVED", "AVAILABLE", "SERVING (PRIMARY)")
        for node in nodes {
            table.add(
                .init(node.id),
                .init(node.givenName),
                .init(node.approvedRoutes.joined(separator: ", ")),
                .init(node.availableRoutes.joined(separator: ", ")),
                .init(node.subnetRoutes.joined(separator: ", "))
            )
        }
        return table
    }
}
