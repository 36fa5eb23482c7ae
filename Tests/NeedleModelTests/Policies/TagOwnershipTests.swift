// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTypes
import NeedleWire
import Testing

@Suite struct TagOwnershipTests {
    private static let policy = #"""
        {"groups": {"group:ops": ["ann@"]},
         "tagOwners": {"tag:server": ["group:ops"], "tag:web": ["tag:server"], "tag:lab": ["bob@"]}}
        """#

    @Test("a user's node may take the tags that the user owns, by group and through other tags")
    func owned() throws {
        var tailnet = try PolicyTailnet(Self.policy)
        try tailnet.join("ann")
        let node = try join(["tag:web", "tag:server"], as: "ann", in: &tailnet)
        #expect(node?.record.tags == ["tag:server", "tag:web"])
        #expect(node?.record.user == nil)
        #expect(node?.record.expiry == nil)
    }

    @Test("the tags of others are refused with what to do", arguments: ["tag:lab", "tag:unknown"])
    func notOwned(tag: String) throws {
        var tailnet = try PolicyTailnet(Self.policy)
        try tailnet.join("ann", "bob")
        let error = #expect(throws: ModelError.self) { _ = try join([tag], as: "ann", in: &tailnet) }
        #expect(error?.message.contains("tagOwners") == true)
        #expect(error?.message.contains(tag) == true)
    }

    @Test("a node is tagged by hand only with tags that the policy knows, and the nearest is named")
    func byHand() throws {
        var tailnet = try PolicyTailnet(Self.policy)
        try tailnet.join("ann")
        let error = #expect(throws: ModelError.self) {
            try tailnet.tailnet.run(TagNode(node: tailnet.nodes[0], tags: ["tag:servr"]))
        }
        #expect(error?.message.contains("did you mean tag:server") == true)
        try tailnet.tailnet.run(TagNode(node: tailnet.nodes[0], tags: ["tag:lab"]))
    }

    @Test("the policy's ipPool decides the addresses of new nodes, and says so when it is full")
    func addressPool() throws {
        var tailnet = try PolicyTailnet(
            #"{"nodeAttrs": [{"target": ["ann@"], "ipPool": ["100.90.0.0/31"]}]}"#
        )
        try tailnet.join("ann", "bob", "ann")
        let addresses = tailnet.nodes.map { tailnet.tailnet.tailnet.node($0)?.record.ipv4?.description }
        #expect(addresses == ["100.90.0.0", "100.64.0.1", "100.90.0.1"])
        let error = #expect(throws: ModelError.self) { try tailnet.join("ann") }
        #expect(error?.code == .exhausted)
        #expect(error?.message.contains("ipPool 100.90.0.0/31") == true)
    }

    private func join(_ tags: [String], as user: String, in tailnet: inout PolicyTailnet) throws -> NodeVersion? {
        let key = try tailnet.tailnet.key(tailnet.user(user))
        return try tailnet.tailnet.join(authKey: key) { $0.hostinfo?.requestTags = tags }.acceptedNode
    }
}
