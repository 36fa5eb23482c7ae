// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleModel
package import NeedleTypes

/// What administrators do with nodes.
package struct NodesService: Sendable {
    let gate: any TailnetGate

    package init(gate: any TailnetGate) {
        self.gate = gate
    }

    /// Every node, or those of one user, by rising id.
    ///
    /// - Throws: `notFound` when there is no user of that name.
    package func list(userNamed name: String? = nil) throws(ModelError) -> [NodeVersion] {
        let tailnet = gate.snapshot
        var owner: UserID?
        if let name {
            guard let user = tailnet.user(named: name) else {
                throw ModelError(.notFound, "there is no user '\(name)'; 'needletail users list' shows all users")
            }
            owner = user.id
        }
        return tailnet.nodes.all
            .filter { owner == nil || $0.record.user == owner }
            .sorted { $0.record.id < $1.record.id }
    }

    /// One node.
    package func node(_ id: NodeID) throws(ModelError) -> NodeVersion {
        guard let node = gate.snapshot.node(id) else {
            throw ModelError(.notFound, "there is no node \(id); 'needletail nodes list' shows all nodes")
        }
        return node
    }

    /// Gives a node another DNS label.
    package func rename(_ node: NodeID, to name: String) async throws(ModelError) -> NodeVersion {
        try await gate.submit(RenameNode(node: node, newName: name))
    }

    /// Sets when a node's key expires; nil means never.
    package func setExpiry(of node: NodeID, to expiry: Timestamp?) async throws(ModelError) -> NodeVersion {
        try await gate.submit(ExpireNode(node: node, expiry: expiry))
    }

    /// Replaces a node's tags.
    package func setTags(of node: NodeID, to tags: [String]) async throws(ModelError) -> NodeVersion {
        try await gate.submit(TagNode(node: node, tags: tags))
    }

    /// Replaces the routes that a node may serve.
    package func approveRoutes(of node: NodeID, _ routes: [IPPrefix]) async throws(ModelError) -> NodeVersion {
        try await gate.submit(ApproveRoutes(node: node, routes: routes))
    }

    /// Deletes a node.
    package func delete(_ node: NodeID) async throws(ModelError) {
        _ = try await gate.submit(DeleteNode(node: node))
    }
}
