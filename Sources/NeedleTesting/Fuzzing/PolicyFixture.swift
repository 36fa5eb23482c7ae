// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedlePolicy
import NeedleTypes
import NeedleWire

/// A small tailnet with one node of every kind, and what must hold of every policy for it.
enum PolicyFixture {
    /// Evaluating takes the square of the nodes.
    static let nodesMax = 40

    /// A policy with something of everything, for the nodes below and those of the corpus.
    static let text = Array(
        """
        {"groups": {"group:dev": ["ann@example.com", "bob@"]}, "hosts": {"net": "10.1.0.0/16"},
         "tagOwners": {"tag:a": ["group:dev"], "tag:b": ["tag:a"]}, "ipsets": {"ipset:x": ["10.0.0.0/8", "remove net"]},
         "postures": {"posture:p": ["node:os == 'linux'"]},
         "acls": [{"action": "accept", "src": ["group:dev"], "dst": ["tag:a:22,80-90", "net:*", "autogroup:self:*"]},
                  {"action": "accept", "src": ["*"], "dst": ["autogroup:internet:*", "tag:b:443"]}],
         "grants": [{"src": ["autogroup:member"], "dst": ["ipset:x"], "ip": ["tcp:443"], "via": ["tag:b"]},
                    {"src": ["tag:a"], "dst": ["tag:b"], "app": {"tailscale.com/cap/drive": [{"a": 1}]},
                     "srcPosture": ["posture:p"]}],
         "ssh": [{"action": "check", "src": ["autogroup:member"], "dst": ["tag:a"], "users": ["root"]}],
         "autoApprovers": {"routes": {"10.0.0.0/8": ["tag:b"]}, "exitNode": ["tag:b"]},
         "nodeAttrs": [{"target": ["tag:b"], "attr": ["funnel", "disable-ipv4"]}]}
        """.utf8
    )

    static let nodes: [NodeFacts] = {
        let ann = UserFacts(id: UserID(1), name: "ann", email: "ann@example.com", role: .owner)
        let bob = UserFacts(id: UserID(2), name: "bob", email: nil)
        return [
            node(0, user: ann), node(1, user: ann), node(2, user: bob), node(3, tags: ["tag:a"]),
            node(4, tags: ["tag:a", "tag:b"], routes: ["10.1.0.0/16", "0.0.0.0/0", "::/0"]),
            node(5, tags: ["tag:b"], routes: ["10.1.0.0/16", "fd00::/64"]),
        ]
    }()

    private static func node(
        _ index: Int,
        user: UserFacts? = nil,
        tags: [String] = [],
        routes: [String] = []
    ) -> NodeFacts {
        let routes = routes.compactMap { IPPrefix(text: $0) }
        return NodeFacts(
            slot: NodeSlot(index),
            id: NodeID(Int64(index + 1)),
            user: user,
            tags: tags,
            addresses: [
                IPAddress(family: .v4, bits: 0x6440_0001 + UInt128(index)),
                IPAddress(family: .v6, bits: 0xfd7a_115c_a1e0 << 80 | UInt128(index + 1)),
            ],
            advertisedRoutes: routes,
            approvedRoutes: index == 4 ? routes : [],
            attributes: ["node:os": .string("linux"), "node:tsVersion": .string("1.90.2")]
        )
    }

    /// Asks everything of a graph of `policy`, and runs its tests.
    static func check(_ policy: Policy) throws(ParserFault) {
        let graph = PolicyGraph(policy: policy, nodes: nodes)
        _ = PolicyChecks(graph).run()
        try check(graph, nodes)
    }

    /// A graph must be the same whether it was built at once or node by node, and peers must be mutual.
    static func check(_ graph: PolicyGraph, _ nodes: [NodeFacts]) throws(ParserFault) {
        var grown = PolicyGraph(policy: graph.policy, tailnet: graph.tailnet)
        for node in nodes { _ = grown.update(node) }
        let filters = MergedFilters(graph)
        for node in nodes {
            let slot = node.slot
            let peers = graph.peers(of: slot)
            try ParserFault.unlessEqual(Array(grown.peers(of: slot)), Array(peers), "peers of a grown graph")
            for peer in peers {
                try ParserFault.unlessEqual(graph.peers(of: peer).contains(slot), true, "mutual")
                _ = graph.access(of: slot, to: peer)
            }
            let chunks = graph.filterChunks(of: slot)
            try ParserFault.unlessEqual(Set(chunks.map(\.key)).count, chunks.count, "names of chunks")
            let others = grown.filterChunks(of: slot)
            try ParserFault.unlessEqual(others.map(\.version), chunks.map(\.version), "versions of a grown graph")
            // A rule for nobody is in no chunk; nodes without addresses are nobody, too.
            let rules = chunks.flatMap { graph.rules(of: $0, at: slot) }.filter { !$0.srcIPs.isEmpty }
            let whole = filters.filter(of: slot).filter { !$0.srcIPs.isEmpty }
            try ParserFault.unlessEqual(rules.isEmpty, whole.isEmpty, "chunks are the filter")
            _ = graph.ownAccess(of: slot)
            _ = graph.capabilities(of: slot)
            _ = graph.sshPolicy(of: slot, checkURL: "https://example.com")
        }
    }
}
