// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedlePolicy
import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

/// A graph that was changed step by step against one that was built at once.
@Suite struct IncrementalTests {
    private static let slots = 10

    /// Every other history with lists of sources divided as those of large tailnets are.
    private static func bandLayout(_ seed: UInt64) -> SourceBandLayout {
        seed.isMultiple(of: 2) ? .usual : SourceBandLayout(width: Int(seed / 2 % 3) + 1)
    }

    @Test("equals a graph built from scratch after every step", arguments: 100..<124 as Range<UInt64>)
    func equalsScratch(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var policy = try Policy(text: Array(RandomPolicy(using: &random).text.utf8))
        var graph = PolicyGraph(policy: policy, bandLayout: Self.bandLayout(seed))
        var nodes: [Int: NodeFacts] = [:]
        var lastID: Int64 = 0
        for step in 0..<80 {
            let slot = Int.random(in: 0..<Self.slots, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0:
                policy = try Policy(text: Array(RandomPolicy(using: &random).text.utf8))
                graph = PolicyGraph(policy: policy, tailnet: TailnetFacts(), replacing: graph)
            case 1:
                graph.remove(NodeSlot(slot))
                nodes[slot] = nil
            default:
                if var facts = nodes[slot] {
                    Self.change(&facts, &random)
                    nodes[slot] = facts
                    graph.update(facts)
                } else {
                    lastID += 1
                    let facts = RandomNodes.make(slot: slot, id: lastID, using: &random)
                    nodes[slot] = facts
                    graph.update(facts)
                }
            }
            let scratch = PolicyGraph(policy: policy, tailnet: TailnetFacts(), replacing: graph)
            try compare(graph, scratch, nodes, "seed \(seed) step \(step)")
        }
    }

    private static func change(_ facts: inout NodeFacts, _ random: inout SeededRandom) {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: RandomNodes.changeOwner(of: &facts, using: &random)
        case 1: RandomNodes.changeRoutes(of: &facts, using: &random)
        case 2: facts.isOnline.toggle()
        default: facts.attributes["node:os"] = .string(random.coin() ? "linux" : "windows")
        }
    }

    private func compare(
        _ graph: PolicyGraph,
        _ scratch: PolicyGraph,
        _ nodes: [Int: NodeFacts],
        _ place: String
    ) throws {
        for slot in (0..<Self.slots).map({ NodeSlot($0) }) {
            try #require(graph.peers(of: slot) == scratch.peers(of: slot), "peers of \(slot) \(place)")
            try #require(graph.peers(of: slot).isEmpty || nodes[slot.index] != nil, "\(place)")
            try #require(graph.ownAccess(of: slot) == scratch.ownAccess(of: slot), "own routes of \(slot) \(place)")
            try #require(graph.capabilities(of: slot) == scratch.capabilities(of: slot), "\(place)")
            let chunks = graph.filterChunks(of: slot)
            let others = scratch.filterChunks(of: slot)
            try #require(chunks.map(\.name) == others.map(\.name), "chunks of \(slot) \(place)")
            try #require(chunks.map(\.version) == others.map(\.version), "chunks of \(slot) \(place)")
            for (chunk, other) in zip(chunks, others) {
                try #require(graph.rules(of: chunk, at: slot) == scratch.rules(of: other, at: slot), "\(place)")
            }
            for peer in graph.peers(of: slot) {
                try #require(graph.access(of: slot, to: peer) == scratch.access(of: slot, to: peer), "\(place)")
                try #require(graph.peers(of: peer).contains(slot), "one-sided: \(slot) and \(peer) \(place)")
            }
        }
    }

    @Test("what keeps its stamp or version is the same", arguments: 200..<216 as Range<UInt64>)
    func versions(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let policy = try Policy(text: Array(RandomPolicy(using: &random).text.utf8))
        var graph = PolicyGraph(
            policy: policy,
            nodes: (0..<Self.slots).map { RandomNodes.make(slot: $0, id: Int64($0 + 1), using: &random) },
            bandLayout: Self.bandLayout(seed)
        )
        var unchanged = 0
        for step in 0..<40 {
            let before = graph
            let changed = Int.random(in: 0..<Self.slots, using: &random)
            graph.update(RandomNodes.make(slot: changed, id: Int64(changed + 1), using: &random))
            for slot in (0..<Self.slots).map({ NodeSlot($0) }) {
                let known = before.filterChunks(of: slot)
                if graph.filterStamp(of: slot) == before.filterStamp(of: slot) {
                    let chunks = graph.filterChunks(of: slot)
                    try #require(chunks.map(\.name) == known.map(\.name), "seed \(seed) step \(step)")
                    try #require(chunks.map(\.version) == known.map(\.version), "seed \(seed) step \(step)")
                    unchanged += 1
                }
                if graph.peersStamp(of: slot) == before.peersStamp(of: slot) {
                    try #require(graph.peers(of: slot) == before.peers(of: slot), "seed \(seed) step \(step)")
                    unchanged += 1
                }
                if graph.routesStamp == before.routesStamp, graph.peersStamp(of: slot) == before.peersStamp(of: slot) {
                    for peer in graph.peers(of: slot) where peer.index != changed {
                        try #require(graph.access(of: slot, to: peer) == before.access(of: slot, to: peer))
                    }
                }
                for chunk in graph.filterChunks(of: slot) {
                    guard let same = known.first(where: { $0.name == chunk.name && $0.version == chunk.version }) else {
                        continue
                    }
                    let rules = graph.rules(of: chunk, at: slot)
                    try #require(rules == before.rules(of: same, at: slot), "seed \(seed) step \(step)")
                }
            }
        }
        #expect(unchanged > 0, "stamps never tell that nothing changed")
    }
}
