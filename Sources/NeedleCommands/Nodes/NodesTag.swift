// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `nodes tag`.
struct NodesTag: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "tag",
        abstract: "Replace a node's tags; a tagged node belongs to no user.",
        aliases: ["tags", "t"]
    )

    @OptionGroup var selection: NodeSelection

    @Option(name: .shortAndLong, help: "All tags that the node is to have: tag:NAME, several with commas.")
    var tags: [String]

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let node = try await context.withClient(global) { client in
            let node = try await selection.resolve(client)
            let request = TagNodeRequest(tags: TagList.split(tags))
            let answer: NodeObject.Envelope = try await client.post(RequestPath("node", node.id, "tags"), request)
            return answer.node
        }
        try context.show(node, as: global.output) {
            "node \(node.id) '\(node.givenName)' is now \(node.tags.joined(separator: ", "))"
        }
    }
}
