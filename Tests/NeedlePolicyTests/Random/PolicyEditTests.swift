// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedlePolicy
import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

/// A policy that is edited keeps names and versions of all chunks that it does not change.
@Suite struct PolicyEditTests {
    private static let slots = 10

    /// What a client is told of one chunk.
    private struct Told: Equatable {
        let version: UInt64
        let rules: [FilterRule]
    }

    private func told(_ graph: PolicyGraph, _ slot: NodeSlot) -> [String: Told] {
        let chunks = graph.filterChunks(of: slot).map { chunk in
            (chunk.name, Told(version: chunk.version, rules: graph.rules(of: chunk, at: slot)))
        }
        return Dictionary(uniqueKeysWithValues: chunks)
    }

    private static func edit(_ policy: inout RandomPolicy, _ random: inout SeededRandom) {
        let other = RandomPolicy(using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: policy.accessRules.insert(contentsOf: other.accessRules.prefix(1), at: 0)
        case 1: policy.accessRules += other.accessRules.prefix(1)
        case 2: policy.grants.insert(contentsOf: other.grants.prefix(1), at: 0)
        case 3: policy.grants += other.grants.prefix(1)
        case 4: if policy.accessRules.count > 1 { policy.accessRules.removeFirst() }
        default: policy.accessRules.reverse()
        }
    }

    @Test("equal rules have equal versions, and others have others", arguments: 300..<330 as Range<UInt64>)
    func ruleEdits(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var text = RandomPolicy(using: &random)
        let nodes = (0..<Self.slots).map { RandomNodes.make(slot: $0, id: Int64($0 + 1), using: &random) }
        var graph = PolicyGraph(policy: try Policy(text: Array(text.text.utf8)), nodes: nodes)
        var kept = 0
        for step in 0..<20 {
            let before = graph
            Self.edit(&text, &random)
            let policy = try Policy(text: Array(text.text.utf8))
            graph = PolicyGraph(policy: policy, tailnet: TailnetFacts(), replacing: before)
            for node in nodes {
                let (old, new) = (told(before, node.slot), told(graph, node.slot))
                for (name, chunk) in new {
                    guard let known = old[name] else { continue }
                    try #require((known.version == chunk.version) == (known.rules == chunk.rules), "\(seed) \(step)")
                    kept += 1
                }
                if sorted(old) == sorted(new) { try #require(old == new, "seed \(seed) step \(step)") }
            }
        }
        #expect(kept > 0)
    }

    /// The rules of all chunks, whatever the chunks' names.
    private func sorted(_ told: [String: Told]) -> [String] { told.values.map { "\($0.rules)" }.sorted() }

    @Test("a group that may reach itself goes by a name of its own")
    func sameEnds() throws {
        let text = """
            {"tagOwners": {"tag:a": [], "tag:b": []},
             "acls": [{"action": "accept", "src": ["tag:a"], "dst": ["tag:a:1"]},
                      {"action": "accept", "src": ["tag:b"], "dst": ["tag:b:1"]}]}
            """
        let nodes = [TestNodes.tagged("tag:a", slot: 0), TestNodes.tagged("tag:b", slot: 1)]
        let graph = PolicyGraph(policy: try Policy(text: Array(text.utf8)), nodes: nodes)
        let keys = nodes.flatMap { graph.filterChunks(of: $0.slot).map(\.key) }
        #expect(Set(keys).count == 2)
        #expect(keys.allSatisfy { $0 > 1 << 32 })
    }

    @Test("other groups, hosts and approvers never leave a version behind", arguments: 400..<420 as Range<UInt64>)
    func otherEdits(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var text = RandomPolicy(using: &random)
        let nodes = (0..<Self.slots).map { RandomNodes.make(slot: $0, id: Int64($0 + 1), using: &random) }
        var graph = PolicyGraph(policy: try Policy(text: Array(text.text.utf8)), nodes: nodes)
        for step in 0..<10 {
            let before = graph
            let other = RandomPolicy(using: &random)
            text.groups = other.groups
            text.routeApprovers = other.routeApprovers
            text.disabledIPv4 = other.disabledIPv4
            let policy = try Policy(text: Array(text.text.utf8))
            graph = PolicyGraph(policy: policy, tailnet: TailnetFacts(), replacing: before)
            for node in nodes {
                let old = told(before, node.slot)
                for (name, chunk) in told(graph, node.slot) where old[name]?.version == chunk.version {
                    try #require(old[name]?.rules == chunk.rules, "seed \(seed) step \(step)")
                }
            }
        }
    }
}
