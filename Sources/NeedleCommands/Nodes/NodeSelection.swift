// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import ArgumentParser
internal import NeedleAdmin

/// Which node a command is about.
struct NodeSelection: ParsableArguments {
    @Option(
        name: [.customShort("i", allowingJoined: true), .customLong("identifier")],
        help: ArgumentHelp("The node's id or name.", valueName: "node")
    )
    var identifier: String?

    @Argument(help: "The node's id or name, in place of the option.")
    var node: String?

    func validate() throws {
        guard (identifier == nil) != (node == nil) else {
            throw ValidationError("Say which node, once: with --identifier or as an argument.")
        }
    }

    /// The node that was named.
    func resolve(_ client: AdminClient) async throws -> NodeObject {
        try await client.node(identifier ?? node ?? "")
    }
}

extension AdminClient {
    /// The node with this id, or with this name; digits alone are an id.
    func node(_ idOrName: String) async throws -> NodeObject {
        if !idOrName.isEmpty, idOrName.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            let answer: NodeObject.Envelope = try await get(RequestPath("node", idOrName))
            return answer.node
        }
        let all: NodeObject.ListEnvelope = try await get(RequestPath("node"))
        guard let found = all.nodes.first(where: { $0.givenName == idOrName }) else {
            throw CommandError("there is no node '\(idOrName)'; 'needletail nodes list' shows all nodes")
        }
        // Asked for again, since lists show another user for tagged nodes.
        let answer: NodeObject.Envelope = try await get(RequestPath("node", found.id))
        return answer.node
    }
}
