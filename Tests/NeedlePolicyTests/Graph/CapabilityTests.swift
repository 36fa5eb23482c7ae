// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire
import Testing

@testable import NeedlePolicy

@Suite struct CapabilityTests {
    @Test("gives attributes, with values, to whom they are for")
    func attributes() throws {
        let text = """
            {"tagOwners": {"tag:a": []}, "randomizeClientPort": true,
             "nodeAttrs": [{"target": ["autogroup:admin"], "attr": ["nextdns:abc", "funnel"]},
                           {"target": ["100.64.0.2"], "app": {"tailscale.com/app-connectors": [{"name": "x"}]}}]}
            """
        let nodes = [TestNodes.owned(by: TestNodes.ann, slot: 0), TestNodes.owned(by: TestNodes.bob, slot: 1)]
        let graph = PolicyGraph(
            policy: try Policy(text: Array(text.utf8)),
            tailnet: TailnetFacts(updatesDevices: true),
            nodes: nodes
        )
        let ann = graph.capabilities(of: nodes[0].slot)
        #expect(ann["nextdns:abc"] == [] && ann["funnel"] == [] && ann["randomize-client-port"] == [])
        #expect(ann["https://tailscale.com/cap/warn-funnel-no-https"] == [])
        #expect(ann["https://tailscale.com/cap/is-owner"] == [] && ann["https://tailscale.com/cap/is-admin"] == [])
        #expect(ann["default-auto-update"]?.map(\.text) == ["true"])
        let bob = graph.capabilities(of: nodes[1].slot)
        #expect(bob["tailscale.com/app-connectors"]?.map(\.text) == [#"{"name":"x"}"#])
        #expect(bob["funnel"] == nil && bob["https://tailscale.com/cap/is-admin"] == nil)
    }

    @Test("takes IPv4 from the nodes and everything about them")
    func withoutIPv4() throws {
        let text = """
            {"tagOwners": {"tag:a": [], "tag:b": []}, "nodeAttrs": [{"target": ["tag:a"], "attr": ["disable-ipv4"]}],
             "acls": [{"action": "accept", "src": ["tag:a"], "dst": ["tag:b:22"]}]}
            """
        let nodes = [TestNodes.tagged("tag:a", slot: 0), TestNodes.tagged("tag:b", slot: 1)]
        let graph = PolicyGraph(policy: try Policy(text: Array(text.utf8)), nodes: nodes)
        #expect(MergedFilters(graph).filter(of: nodes[1].slot).first?.srcIPs == ["fd7a:115c:a1e0::1"])
        #expect(
            graph.access(of: nodes[1].slot, to: nodes[0].slot).allowedIPs.map(\.description) == [
                "fd7a:115c:a1e0::1/128"
            ]
        )
    }

    @Test("leaves out of chunks what nobody is there to use; the whole filter has it without sources, as recorded")
    func nobody() throws {
        let text = """
            {"tagOwners": {"tag:a": [], "tag:b": []},
             "grants": [{"src": ["tag:a"], "dst": ["tag:b"], "app": {"tailscale.com/cap/drive": []}}]}
            """
        let nodes = [TestNodes.tagged("tag:a", slot: 0)]
        var graph = PolicyGraph(policy: try Policy(text: Array(text.utf8)), nodes: nodes)
        #expect(graph.filterChunks(of: nodes[0].slot).isEmpty)
        #expect(MergedFilters(graph).filter(of: nodes[0].slot).map(\.srcIPs) == [[]])
        graph.update(TestNodes.tagged("tag:b", slot: 1))
        #expect(graph.filterChunks(of: nodes[0].slot).count == 1)
        #expect(MergedFilters(graph).filter(of: nodes[0].slot).map(\.srcIPs.count) == [2])
    }

    @Test("knows the pools that addresses come from")
    func pools() throws {
        let text = #"{"nodeAttrs": [{"target": ["autogroup:owner"], "ipPool": ["100.85.0.0/16"]}]}"#
        let graph = PolicyGraph(policy: try Policy(text: Array(text.utf8)))
        #expect(
            graph.addressPools(for: TestNodes.owned(by: TestNodes.ann, slot: 0)).map(\.description) == ["100.85.0.0/16"]
        )
        #expect(graph.addressPools(for: TestNodes.owned(by: TestNodes.bob, slot: 0)).isEmpty)
    }

    @Test("IP sets stand for what is left in them")
    func addressSets() throws {
        let text = """
            {"hosts": {"h": "10.0.5.0/24"},
             "ipsets": {"ipset:all": ["10.0.0.0/16", "add 192.0.2.1", "remove host:h"], "ipset:more": ["ipset:all", "198.51.100.7"]},
             "acls": [{"action": "accept", "src": ["ipset:more"], "dst": ["*:*"]}]}
            """
        let graph = PolicyGraph(
            policy: try Policy(text: Array(text.utf8)),
            nodes: [TestNodes.owned(by: TestNodes.ann, slot: 0)]
        )
        let sources = MergedFilters(graph).filter(of: NodeSlot(0)).first?.srcIPs ?? []
        #expect(sources.sorted() == ["10.0.0.0-10.0.4.255", "10.0.6.0-10.0.255.255", "192.0.2.1", "198.51.100.7"])
    }

    @Test("an IP set made from the internet opens exit nodes, but for what was taken out")
    func internetWithout() throws {
        let text = """
            {"tagOwners": {"tag:exit": []}, "autoApprovers": {"exitNode": ["tag:exit"]},
             "ipsets": {"ipset:most": ["autogroup:internet", "remove 8.8.8.0/24"]},
             "acls": [{"action": "accept", "src": ["ann@"], "dst": ["ipset:most:443"]}]}
            """
        let nodes = [
            TestNodes.owned(by: TestNodes.ann, slot: 0),
            TestNodes.tagged("tag:exit", slot: 1, routes: ["0.0.0.0/0", "::/0"]), TestNodes.tagged("tag:exit", slot: 2),
        ]
        let graph = PolicyGraph(policy: try Policy(text: Array(text.utf8)), nodes: nodes)
        #expect(graph.peers(of: nodes[0].slot) == [nodes[1].slot])
        let destinations = MergedFilters(graph).filter(of: nodes[1].slot).flatMap(\.dstPorts).map(\.ip)
        #expect(destinations.count == 8)
        #expect(destinations.contains("0.0.0.0-8.8.7.255") && destinations.contains("8.8.9.0-9.255.255.255"))
        #expect(graph.access(of: nodes[0].slot, to: nodes[1].slot).allowedIPs.count == 4)
        #expect(graph.filterChunks(of: nodes[2].slot).isEmpty)
    }

    @Test("sessions are recorded where the policy says so")
    func recorders() throws {
        let text = """
            {"tagOwners": {"tag:a": [], "tag:rec": []},
             "ssh": [{"action": "accept", "src": ["ann@"], "dst": ["tag:a"], "users": ["root"], "recorder": ["tag:rec"], "enforceRecorder": true}]}
            """
        let nodes = [
            TestNodes.owned(by: TestNodes.ann, slot: 0), TestNodes.tagged("tag:a", slot: 1),
            TestNodes.tagged("tag:rec", slot: 2),
        ]
        let graph = PolicyGraph(policy: try Policy(text: Array(text.utf8)), nodes: nodes)
        let action = graph.sshPolicy(of: nodes[1].slot, checkURL: "")?.rules.first?.action
        #expect(action?.recorders.count == 2)
        #expect(action?.recorders.first?.port == 80)
        #expect(action?.onRecordingFailure?.rejectSessionWithMessage.isEmpty == false)
        #expect(graph.sshPolicy(of: nodes[0].slot, checkURL: "") == nil)
    }
}
