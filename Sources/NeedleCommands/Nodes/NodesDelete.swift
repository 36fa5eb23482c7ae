// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `nodes delete`.
struct NodesDelete: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a node; its addresses are free again.",
        aliases: ["del"]
    )

    @OptionGroup var selection: NodeSelection

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let (node, answer) = try await context.withClient(global) { client in
            let node = try await selection.resolve(client)
            try context.confirm("Delete the node '\(node.givenName)' (\(node.id))?", global)
            let answer: NoFields = try await client.delete(RequestPath("node", node.id))
            return (node, answer)
        }
        try context.show(answer, as: global.output) { "node \(node.id) '\(node.givenName)' deleted" }
    }
}
