// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// `nodes approve-routes`.
struct NodesApproveRoutes: ContextualCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve-routes",
        abstract: "Replace the routes that a node may serve; one exit route approves both.",
        discussion: "Routes that autoApprovers of the policy approve are approved again when the node offers them anew."
    )

    @OptionGroup var selection: NodeSelection

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("All routes that it may serve, several with commas; empty for none.", valueName: "routes")
    )
    var routes: [String]

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard !routes.isEmpty else { throw ValidationError("Say which routes; --routes '' takes all away.") }
    }

    func run(in context: CommandContext) async throws {
        let node = try await context.withClient(global) { client in
            let node = try await selection.resolve(client)
            let request = ApproveRoutesRequest(routes: TagList.split(routes).filter { !$0.isEmpty })
            let path = RequestPath("node", node.id, "approve_routes")
            let answer: NodeObject.Envelope = try await client.post(path, request)
            return answer.node
        }
        try context.show(node, as: global.output) { text(of: node) }
    }

    private func text(of node: NodeObject) -> String {
        let name = "node \(node.id) '\(node.givenName)'"
        guard !node.approvedRoutes.isEmpty else { return "\(name) may serve no routes" }
        let notOffered = node.approvedRoutes.filter { !node.availableRoutes.contains($0) }
        let note = notOffered.isEmpty ? "" : "; it does not offer \(notOffered.joined(separator: ", "))"
        return "\(name) may serve \(node.approvedRoutes.joined(separator: ", "))\(note)"
    }
}
