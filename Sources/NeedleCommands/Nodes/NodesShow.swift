// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `nodes show`.
struct NodesShow: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show all that is known of a node."
    )

    @OptionGroup var selection: NodeSelection

    @OptionGroup var global: GlobalOptions

    func run(in context: CommandContext) async throws {
        let node = try await context.withClient(global) { try await selection.resolve($0) }
        try context.show(node, as: global.output) { text(of: node, context) }
    }

    private func text(of node: NodeObject, _ context: CommandContext) -> String {
        let now = context.now()
        let text = NodeText(node: node, now: now)
        let key = node.preAuthKey.map { "auth key \($0.id)\($0.ephemeral ? ", ephemeral" : "")" }
        var table = TextTable("NODE", .init(node.id))
        table.add("name", .init(node.givenName))
        table.add("host name", .init(node.name))
        table.add(node.tags.isEmpty ? "user" : "tags", .init(text.owner))
        for address in node.ipAddresses { table.add("address", .init(address)) }
        table.add("state", text.state)
        table.add("last seen", .init(text.lastSeen))
        table.add("key expires", text.expiry)
        table.add("joined", .init(TimeText.relative(node.createdAt, to: now) + (key.map { ", with \($0)" } ?? "")))
        for route in node.availableRoutes { table.add("offers route", .init(route)) }
        for route in node.approvedRoutes { table.add("may serve", .init(route)) }
        for route in node.subnetRoutes { table.add("serves", .init(route)) }
        table.add("node key", .init(node.nodeKey))
        table.add("machine key", .init(node.machineKey))
        return table.text(context.style)
    }
}
