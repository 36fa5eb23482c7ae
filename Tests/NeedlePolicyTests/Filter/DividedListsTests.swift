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

    private func sources(_ graph: PolicyGraph, _ slot: Int) -> [SharedSources] {
        graph.filterChunks(of: NodeSlot(slot)).compactMap(\.sources)
    }

    @Test("a long list is divided once for all who have it")
    func once() throws {
        let graph = try graph()
        #expect(graph.dividedLists.division(of: 0) == nil)
        let parts = sources(graph, 20)
        #expect(parts.count == 5)
        let division = try #require(graph.dividedLists.division(of: 0))
        #expect(division.parts == parts)
        #expect(division.nodeCount == 20)
        // Of another graph, which has not been asked yet, it is said that one part is all.
        let other = try self.graph()
        var reading = other.dividedLists.read()
        _ = reading.parts(of: 0, version: division.version, nodeCount: 20) { [parts[0]] }
        other.dividedLists.keep(reading)
        #expect(sources(other, 20) == [parts[0]])
        #expect(sources(other, 21) == [parts[0]])
    }

    @Test("when a node comes or goes, the list is divided again, and older snapshots get what is theirs")
    func again() throws {
        let before = try graph()
        let parts = sources(before, 20)
        var after = before
        after.update(TestNodes.tagged("tag:a", slot: 22))
        let more = sources(after, 21)
        #expect(more.count == 6)
        #expect(more.prefix(5) == parts[...])
        #expect(sources(before, 21) == parts)
        after.remove(NodeSlot(22))
        #expect(sources(after, 20) == parts)
    }
}
