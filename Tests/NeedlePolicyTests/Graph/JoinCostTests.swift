// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import Testing

@testable import NeedlePolicy

/// What a change touches, in counts: the same however many rules there are that do not concern the node.
@Suite struct JoinCostTests {
    /// What one change did to a graph.
    private struct Cost: Equatable {
        var newClasses = 0
        var selectors = 0
        var stampedClasses = 0
        var stampedFilters = 0
    }

    /// Two tags with a rule between them and a node of each, and `others` pairs of the same kind.
    private func graph(others: Int) throws -> PolicyGraph {
        let pairs = (0..<others).map { ("tag:x\($0)", "tag:y\($0)") } + [("tag:a", "tag:b")]
        let owners = pairs.map { "\"\($0.0)\": [], \"\($0.1)\": []" }.joined(separator: ",")
        let rules = pairs.map { "{\"action\": \"accept\", \"src\": [\"\($0.0)\"], \"dst\": [\"\($0.1):22\"]}" }
        let text = "{\"tagOwners\": {\(owners)}, \"acls\": [\(rules.joined(separator: ","))]}"
        let nodes = pairs.enumerated().flatMap { index, pair in
            [TestNodes.tagged(pair.0, slot: 2 * index), TestNodes.tagged(pair.1, slot: 2 * index + 1)]
        }
        return PolicyGraph(policy: try Policy(text: Array(text.utf8)), nodes: nodes)
    }

    private func cost(of graph: PolicyGraph, _ change: (inout PolicyGraph) -> Void) -> Cost {
        var changed = graph
        change(&changed)
        let now = changed.stamps.now
        return Cost(
            newClasses: changed.classes.count - graph.classes.count,
            selectors: changed.selectorStates.count { $0.changed == now },
            stampedClasses: (0..<changed.classes.count).count { changed.stamps.peers(of: $0) == now },
            stampedFilters: (0..<changed.classes.count).count { changed.stamps.filter(of: $0) == now }
        )
    }

    @Test("a join touches its own selectors and the classes at the other ends", arguments: [3, 30, 600])
    func join(others: Int) throws {
        let graph = try graph(others: others)
        let newcomer = TestNodes.tagged("tag:a", slot: 2 * others + 10)
        let cost = cost(of: graph) { $0.update(newcomer) }
        #expect(cost == Cost(newClasses: 0, selectors: 1, stampedClasses: 1, stampedFilters: 1))
    }

    @Test("a node with new tags touches what these lead to, and makes one class", arguments: [3, 30, 600])
    func tagChange(others: Int) throws {
        let graph = try graph(others: others)
        let cost = cost(of: graph) { $0.update(TestNodes.tagged("tag:a", "tag:b", slot: 2 * others)) }
        #expect(cost.newClasses == 1)
        #expect(cost.selectors == 2)
        #expect(cost.stampedClasses <= 3)
    }

    @Test("a node that goes online or away touches no selector and no class", arguments: [3, 600])
    func online(others: Int) throws {
        let graph = try graph(others: others)
        var away = TestNodes.tagged("tag:a", slot: 2 * others)
        away.isOnline = false
        #expect(cost(of: graph) { $0.update(away) } == Cost())
    }

    @Test("classes are worked out once, and kept")
    func classesAreKept() throws {
        let graph = try graph(others: 5)
        var changed = graph
        for slot in 20..<60 { changed.update(TestNodes.tagged("tag:a", slot: slot)) }
        #expect(changed.classes.count == graph.classes.count)
        for id in 0..<graph.classes.count { #expect(changed.classes[id] === graph.classes[id]) }
    }

    @Test("stamps of a new policy's graph are above all of the old one's")
    func stampsAfterAnEdit() throws {
        var graph = try graph(others: 2)
        for slot in 20..<30 { graph.update(TestNodes.tagged("tag:a", slot: slot)) }
        let edited = PolicyGraph(policy: graph.policy, tailnet: graph.tailnet, replacing: graph)
        for slot in [0, 1, 20, 29].map({ NodeSlot($0) }) {
            #expect(edited.peersStamp(of: slot) > graph.stamps.now)
            #expect(edited.filterStamp(of: slot) > graph.stamps.now)
        }
        #expect(edited.routesStamp > graph.stamps.now)
    }
}
