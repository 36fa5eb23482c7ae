// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedlePolicy
internal import NeedleSwarm
import NeedleTypes
import NeedleWire
import Testing

@Suite struct PolicyDeliveryTests {
    @Test("a new policy reaches those whose view it changes, and nobody else hears of it")
    func onlyThoseConcerned() throws {
        var tailnet = try PolicyTailnet(
            #"""
            {"acls": [{"action": "accept", "src": ["ann@"], "dst": ["ann@:*"]},
                      {"action": "accept", "src": ["bob@"], "dst": ["bob@:*"]}]}
            """#
        )
        try tailnet.join("ann", "ann")
        try tailnet.join("bob", "bob", "bob")
        tailnet.forgetMessages()
        try tailnet.set(
            #"""
            {"acls": [{"action": "accept", "src": ["bob@"], "dst": ["bob@:*"]},
                      {"action": "accept", "src": ["ann@"], "dst": ["ann@:80"]}]}
            """#
        )
        try tailnet.receive()
        #expect(tailnet.messages == [1, 1, 0, 0, 0])
        #expect(tailnet.peers == [[1], [0], [3, 4], [2, 4], [2, 3]])
        #expect(tailnet.ports(at: 0) == ["80"])
    }

    @Test("the same policy again is told to nobody")
    func samePolicy() throws {
        let text = #"{"acls": [{"action": "accept", "src": ["ann@"], "dst": ["bob@:*"]}]}"#
        var tailnet = try PolicyTailnet(text)
        try tailnet.join("ann", "bob")
        tailnet.forgetMessages()
        try tailnet.set(text + "\n")
        try tailnet.receive()
        #expect(tailnet.messages == [0, 0])
    }

    @Test("who may reach each other no longer is taken from both, and comes back")
    func blockedAndAllowed() throws {
        var tailnet = try PolicyTailnet("{}")
        try tailnet.join("ann", "bob")
        try tailnet.set(#"{"acls": []}"#)
        try tailnet.receive()
        #expect(tailnet.peers == [[], []])
        #expect(tailnet.ports(at: 0).isEmpty)
        try tailnet.set("{}")
        try tailnet.receive()
        #expect(tailnet.peers == [[1], [0]])
        #expect(tailnet.ports(at: 0) == ["*"])
    }

    @Test("a node that joins a group changes the filter of those whom the group may reach, and of nobody else")
    func joinOfGroup() throws {
        var tailnet = try PolicyTailnet(
            #"""
            {"groups": {"group:g": ["ann@", "bob@"]},
             "acls": [{"action": "accept", "src": ["group:g"], "dst": ["carl@:22"]},
                      {"action": "accept", "src": ["dora@"], "dst": ["dora@:*"]}]}
            """#
        )
        try tailnet.join("ann", "carl", "dora", "dora")
        tailnet.forgetMessages()
        try tailnet.join("bob")
        #expect(tailnet.messages == [0, 1, 0, 0, 1])
        #expect(tailnet.sources(at: 1).count == 4)
    }

    @Test("a policy whose tests fail is refused, and the old one stays")
    func failingTests() throws {
        var tailnet = try PolicyTailnet("{}")
        try tailnet.join("ann", "bob")
        let policy = try Policy(text: Array(#"{"acls": [], "tests": [{"src": "ann@", "accept": ["bob@:22"]}]}"#.utf8))
        let reply = tailnet.tailnet.perform(SetPolicy(policy, origin: .file)).reply
        guard case .failure(let error) = reply else {
            Issue.record("it was accepted")
            return
        }
        #expect(error.message.contains("test(s) failed"))
        try tailnet.receive()
        #expect(tailnet.peers == [[1], [0]])
    }

    @Test("SSH rules come, change and go")
    func ssh() throws {
        var tailnet = try PolicyTailnet("{}")
        try tailnet.join("ann", "bob")
        #expect(tailnet.clients[1].map.sshPolicy == nil)
        try tailnet.tailnet.run(TagNode(node: tailnet.nodes[1], tags: ["tag:srv"]))
        try tailnet.set(
            #"""
            {"tagOwners": {"tag:srv": ["bob@"]},
             "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}],
             "ssh": [{"action": "accept", "src": ["ann@"], "dst": ["tag:srv"], "users": ["root"]}]}
            """#
        )
        try tailnet.receive()
        #expect(tailnet.clients[0].map.sshPolicy == nil)
        let rules = try #require(tailnet.clients[1].map.sshPolicy?.rules)
        #expect(rules.count == 1)
        #expect(rules[0].principals.count == 2)
        try tailnet.join("ann")
        #expect(tailnet.clients[1].map.sshPolicy?.rules.first?.principals.count == 4)
        try tailnet.set("{}")
        try tailnet.receive()
        #expect(tailnet.clients[1].map.sshPolicy?.rules == [])
    }

    @Test("capabilities of nodeAttrs and roles are told to the node itself alone")
    func capabilities() throws {
        var tailnet = try PolicyTailnet(#"{"nodeAttrs": [{"target": ["autogroup:admin"], "attr": ["funnel"]}]}"#)
        try tailnet.join("ann", "bob")
        // Ann was there first, and owns the tailnet.
        #expect(tailnet.clients[0].map.node?.capMap["funnel"] != nil)
        #expect(tailnet.clients[1].map.node?.capMap["funnel"] == nil)
        tailnet.forgetMessages()
        try tailnet.tailnet.run(SetUserRole(user: tailnet.user("bob"), role: .admin))
        try tailnet.receive()
        #expect(tailnet.messages == [0, 1])
        #expect(tailnet.clients[1].map.node?.capMap["funnel"] != nil)
    }

    @Test("without IPv4 a node is listed by its IPv6 address alone")
    func disableIPv4() throws {
        var tailnet = try PolicyTailnet("{}")
        try tailnet.join("ann", "bob")
        try tailnet.set(#"{"nodeAttrs": [{"target": ["bob@"], "attr": ["disable-ipv4"]}]}"#)
        try tailnet.receive()
        #expect(tailnet.clients[0].map.peers.values.map(\.addresses.count) == [1])
        #expect(tailnet.clients[1].map.node?.addresses.map(\.address.family) == [.v6])
    }
}
