// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import Testing

@testable import NeedlePolicy

@Suite struct RoutingTests {
    private static let names = #""tagOwners": {"tag:r": [], "tag:s": [], "tag:c": []}"#
    private static let subnet = "10.0.0.0/8"

    private func graph(_ sections: String, _ nodes: [NodeFacts]) throws -> PolicyGraph {
        PolicyGraph(policy: try Policy(text: Array("{\(Self.names), \(sections)}".utf8)), nodes: nodes)
    }

    private func router(_ slot: Int, created: Int64, tag: String = "tag:r") -> NodeFacts {
        TestNodes.tagged(tag, slot: slot, routes: [Self.subnet], approved: [Self.subnet], created: created)
    }

    private func primary(_ graph: PolicyGraph, for viewer: Int) throws -> [Int] {
        let subnet = try #require(IPPrefix(text: Self.subnet))
        return graph.peers(of: NodeSlot(viewer)).filter {
            graph.access(of: NodeSlot(viewer), to: $0).allowedIPs.contains(subnet)
        }.map(\.index)
    }

    @Test("a primary stays until it goes offline, and does not come back by itself")
    func stickyPrimary() throws {
        let everything = #""acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]"#
        var old = router(1, created: 1)
        let young = router(2, created: 2)
        var graph = try graph(everything, [TestNodes.tagged("tag:c", slot: 0), young])
        #expect(try primary(graph, for: 0) == [2])
        graph.update(old)
        #expect(try primary(graph, for: 0) == [2], "an older one does not take over from one that is online")
        var away = young
        away.isOnline = false
        graph.update(away)
        #expect(try primary(graph, for: 0) == [1])
        graph.update(young)
        #expect(try primary(graph, for: 0) == [1])
        old.isOnline = false
        graph.update(old)
        graph.remove(young.slot)
        #expect(try primary(graph, for: 0) == [1], "offline is better than nobody")
        graph.remove(old.slot)
        #expect(try primary(graph, for: 0) == [])
    }

    @Test("built at once, the oldest is primary")
    func oldest() throws {
        let everything = #""acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]"#
        let graph = try graph(everything, [router(0, created: 3), router(1, created: 1), router(2, created: 2)])
        #expect(graph.ownAccess(of: NodeSlot(1)).primaryRoutes.count == 1)
        #expect(graph.ownAccess(of: NodeSlot(0)).primaryRoutes.isEmpty)
        #expect(graph.ownAccess(of: NodeSlot(0)).allowedIPs.count == 3)
    }

    @Test("a new policy leaves primaries as they are")
    func policyEdit() throws {
        let everything = #""acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]"#
        var graph = try graph(everything, [TestNodes.tagged("tag:c", slot: 0), router(2, created: 2)])
        graph.update(router(1, created: 1))
        let edited = try Policy(text: Array("{\(Self.names), \(everything), \"grants\": []}".utf8))
        graph = PolicyGraph(policy: edited, tailnet: TailnetFacts(), replacing: graph)
        #expect(try primary(graph, for: 0) == [2])
    }

    @Test("`via` leads to the oldest router with the tag, a plain rule beside it to the primary")
    func via() throws {
        let nodes = [TestNodes.tagged("tag:c", slot: 0), router(1, created: 1), router(2, created: 2, tag: "tag:s")]
        let via = #"{"src": ["tag:c"], "dst": ["10.1.0.0/16"], "ip": ["*"], "via": ["tag:s"]}"#
        let plain = #"{"src": ["tag:c"], "dst": ["10.0.0.0/8"], "ip": ["*"]}"#
        #expect(try primary(graph("\"grants\": [\(via)]", nodes), for: 0) == [2])
        #expect(try primary(graph("\"grants\": [\(via), \(plain)]", nodes), for: 0) == [1])
    }

    @Test("approves what autoApprovers say, exit routes only through exitNode")
    func approval() throws {
        let approvers =
            #""autoApprovers": {"routes": {"10.0.0.0/8": ["tag:r"], "0.0.0.0/0": ["tag:s"]}, "exitNode": ["tag:c"]}"#
        let graph = try graph(approvers, [])
        func approved(_ tag: String, _ routes: [String]) -> [String] {
            graph.routesToApprove(TestNodes.tagged(tag, slot: 0, routes: routes)).map(\.description)
        }
        #expect(approved("tag:r", ["10.1.0.0/16", "11.0.0.0/8"]) == ["10.1.0.0/16"])
        #expect(approved("tag:s", ["0.0.0.0/0", "::/0"]) == [])
        #expect(approved("tag:s", ["192.168.0.0/24"]) == ["192.168.0.0/24"])
        #expect(approved("tag:c", ["0.0.0.0/0", "::/0"]) == ["0.0.0.0/0", "::/0"])
    }

    @Test("routes that are not approved do nothing")
    func unapproved() throws {
        let rule = #""acls": [{"action": "accept", "src": ["tag:c"], "dst": ["10.0.0.0/8:*"]}]"#
        let nodes = [TestNodes.tagged("tag:c", slot: 0), TestNodes.tagged("tag:r", slot: 1, routes: [Self.subnet])]
        let graph = try graph(rule, nodes)
        #expect(graph.peers(of: NodeSlot(0)).isEmpty)
        #expect(graph.filterChunks(of: NodeSlot(1)).isEmpty)
    }
}
