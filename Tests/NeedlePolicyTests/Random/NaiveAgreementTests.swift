// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedlePolicy
import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

/// The graph against nested loops, on policies and tailnets made up at random.
@Suite struct NaiveAgreementTests {
    @Test("agrees with nested loops over nodes and rules", arguments: 0..<100 as Range<UInt64>)
    func agrees(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<25 {
            let policy = RandomPolicy(using: &random)
            let count = Int.random(in: 1...8, using: &random)
            let nodes = (0..<count).map { RandomNodes.make(slot: $0, id: Int64($0 + 1), using: &random) }
            // With lists of sources whole, and divided into bands of one to three slots.
            let layout = round.isMultiple(of: 2) ? .usual : SourceBandLayout(width: round / 2 % 3 + 1)
            let graph = PolicyGraph(
                policy: try Policy(text: Array(policy.text.utf8)),
                nodes: nodes,
                bandLayout: layout
            )
            try compare(graph, NaiveEvaluator(policy: policy, nodes: nodes), "seed \(seed) round \(round)")
        }
    }

    private func compare(_ graph: PolicyGraph, _ naive: NaiveEvaluator, _ place: String) throws {
        let filters = MergedFilters(graph)
        for node in naive.nodes {
            let peers = naive.nodes.filter { $0.slot != node.slot && naive.arePeers(node, $0) }.map(\.slot)
            try #require(
                graph.peers(of: node.slot) == NodeSet(peers),
                "peers of \(node.slot) \(place)\n\(naive.policy.text)"
            )
            let rules = filters.filter(of: node.slot)
            let chunks = graph.filterChunks(of: node.slot)
            let inChunks = chunks.flatMap { graph.rules(of: $0, at: node.slot) }
            try #require(Set(chunks.map(\.name)).count == chunks.count)
            for rules in [rules, inChunks] {
                let text = "filter of \(node.slot) \(place)\n\(naive.policy.text)"
                try #require(FlatFilter.permissions(rules) == naive.permissions(node), "\(text)")
                try #require(FlatFilter.capabilities(rules) == naive.capabilities(node), "\(text)")
            }
            for peer in naive.nodes where peers.contains(peer.slot) {
                let access = graph.access(of: node.slot, to: peer.slot)
                let expected = naive.routes(node, peer).union(naive.addresses(peer).map(IPPrefix.init(single:)))
                try #require(
                    Set(access.allowedIPs) == expected,
                    "routes of \(peer.slot) at \(node.slot) \(place)\n\(naive.policy.text)"
                )
            }
        }
    }
}
