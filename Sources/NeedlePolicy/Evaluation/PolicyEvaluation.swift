// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

/// What every node of a tailnet would be given by a policy, without a server.
package struct PolicyEvaluation: Sendable {
    /// What one node would be given.
    package struct NodeView: Sendable {
        /// As Tailscale's service writes it, see ``MergedFilters``.
        package let packetFilter: [FilterRule]
        package let own: PeerAccess
        package let peers: [(slot: NodeSlot, access: PeerAccess)]
        package let capabilities: CapMap
        package let sshPolicy: SSHPolicy?
    }

    package let graph: PolicyGraph
    private let filters: MergedFilters

    /// Reads and checks `text`, and runs its tests.
    ///
    /// - Throws: ``PolicyError`` with everything that is wrong.
    package init(text: [UInt8], tailnet: TailnetFacts, nodes: [NodeFacts]) throws(PolicyError) {
        let policy = try Policy(text: text, domain: tailnet.domain)
        graph = PolicyGraph(policy: policy, tailnet: tailnet, nodes: nodes)
        let findings = PolicyChecks(graph).run()
        guard findings.isEmpty else { throw PolicyError(findings: findings) }
        filters = MergedFilters(graph)
    }

    /// What the node at `slot` would be given.
    package func view(of slot: NodeSlot, checkURL: String = "https://unused") -> NodeView {
        NodeView(
            packetFilter: filters.filter(of: slot),
            own: graph.ownAccess(of: slot),
            peers: graph.peers(of: slot).map { ($0, graph.access(of: slot, to: $0)) },
            capabilities: graph.capabilities(of: slot),
            sshPolicy: graph.sshPolicy(of: slot, checkURL: checkURL)
        )
    }
}
