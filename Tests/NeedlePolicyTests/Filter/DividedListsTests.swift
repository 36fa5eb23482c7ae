// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import Testing

@testable import NeedlePolicy

@Suite struct DividedListsTests {
    /// Twenty nodes that may reach two others, in bands of four slots.
    private func graph() throws -> PolicyGraph {
        let text = #"""
            {
                "tagOwners": {"tag:a": [], "tag:b": [], "tag:c": []},
                "acls": [{"action": "accept", "src": ["tag:a"], "dst": ["tag:b:22", "tag:c:22"]}],
            }
            """#
        let nodes = (0..<20).map { TestNodes.tagged("tag:a", slot: $0) }
        return PolicyGraph(
            policy: try Policy(text: Array(text.utf8)),
            nodes: nodes + [TestNodes.tagged("tag:b", slot: 20), TestNodes.tagged("tag:c", slot: 21)],
            bandLayout: SourceBandLayout(width: 4)
        )
    }

    private func sources(_ graph: PolicyGraph, _ slot: Int, _ lists: inout DividedLists) -> [SharedSources] {
        graph.filterChunks(of: NodeSlot(slot), &lists).compactMap(\.sources)
    }

    @Test("a long list is divided once for all who have it")
    func once() throws {
        let graph = try graph()
        var lists = DividedLists()
        let parts = sources(graph, 20, &lists)
        #expect(parts.count == 5)
        let division = try #require(lists.division(of: 0))
        #expect(division.parts == parts)
        #expect(division.nodeCount == 20)
        // To somebody else it is said beforehand that one part is all.
        var told = DividedLists()
        told.begin(generation: graph.stamps.first, listCount: graph.compiled.sourceLists.count)
        _ = told.parts(of: 0, version: division.version, nodeCount: 20) { [parts[0]] }
        #expect(sources(graph, 20, &told) == [parts[0]])
        #expect(sources(graph, 21, &told) == [parts[0]])
        // Who asks for one filter alone believes nobody.
        #expect(graph.filterChunks(of: NodeSlot(21)).compactMap(\.sources) == parts)
    }

    @Test("when a node comes or goes, the list is divided again, whichever snapshot is asked")
    func again() throws {
        let before = try graph()
        var lists = DividedLists()
        let parts = sources(before, 20, &lists)
        var after = before
        after.update(TestNodes.tagged("tag:a", slot: 22))
        let more = sources(after, 21, &lists)
        #expect(more.count == 6)
        #expect(more.prefix(5) == parts[...])
        #expect(sources(before, 21, &lists) == parts)
        after.remove(NodeSlot(22))
        #expect(sources(after, 20, &lists) == parts)
    }

    @Test("under another policy nothing is known")
    func otherPolicy() throws {
        let graph = try graph()
        var lists = DividedLists()
        _ = sources(graph, 20, &lists)
        let edited = PolicyGraph(policy: graph.policy, tailnet: graph.tailnet, replacing: graph)
        lists.begin(generation: edited.stamps.first, listCount: 1)
        #expect(lists.division(of: 0) == nil)
    }
}
