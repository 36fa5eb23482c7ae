// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `nodes rename`.
struct NodesRename: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "rename",
        abstract: "Give a node another name, which it keeps whatever its machine calls itself."
    )

    @Argument(help: "The new name, a DNS label.")
    var newName: String

    @Option(
        name: [.customShort("i", allowingJoined: true), .customLong("identifier")],
        help: ArgumentHelp("The node's id or name.", valueName: "node")
    )
    var identifier: String

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let (old, answer) = try await context.withClient(global) { client in
            let node = try await client.node(identifier)
            let answer: NodeObject.Envelope = try await client.post(RequestPath("node", node.id, "rename", newName))
            return (node, answer)
        }
        try context.show(answer.node, as: global.output) {
            "node \(old.id) '\(old.givenName)' is now '\(answer.node.givenName)'"
        }
    }
}
