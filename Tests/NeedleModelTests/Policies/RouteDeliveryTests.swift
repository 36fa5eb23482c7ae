// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedlePolicy
internal import NeedleSwarm
import NeedleTypes
import NeedleWire
import Testing

@Suite struct RouteDeliveryTests {
    @Test("a route is seen once it is approved, by those who may use it")
    func approval() throws {
        var tailnet = try PolicyTailnet(
            #"""
            {"acls": [{"action": "accept", "src": ["ann@"], "dst": ["10.0.0.0/24:*", "router@:*"]},
                      {"action": "accept", "src": ["bob@"], "dst": ["router@:*"]}]}
            """#
        )
        try tailnet.join("router", "ann", "bob")
        try tailnet.advertise("10.0.0.0/24", at: 0)
        #expect(tailnet.routes(seenBy: 1, at: 0) == [])
        tailnet.forgetMessages()
        try tailnet.approve("10.0.0.0/24", at: 0)
        #expect(tailnet.routes(seenBy: 1, at: 0) == ["10.0.0.0/24"])
        #expect(tailnet.routes(seenBy: 2, at: 0) == [])
        #expect(tailnet.clients[0].map.node?.primaryRoutes.map(\.description) == ["10.0.0.0/24"])
        try tailnet.approve(at: 0)
        #expect(tailnet.routes(seenBy: 1, at: 0) == [])
    }

    @Test("a primary stays until it goes offline, and does not come back by itself")
    func primary() throws {
        var tailnet = try PolicyTailnet("{}")
        try tailnet.join("ann", "r1", "r2")
        for router in [1, 2] {
            try tailnet.advertise("10.0.0.0/24", at: router)
            try tailnet.approve("10.0.0.0/24", at: router)
        }
        #expect(tailnet.routes(seenBy: 0, at: 1) == ["10.0.0.0/24"])
        #expect(tailnet.routes(seenBy: 0, at: 2) == [])
        try tailnet.disconnect(1)
        #expect(tailnet.routes(seenBy: 0, at: 1) == [])
        #expect(tailnet.routes(seenBy: 0, at: 2) == ["10.0.0.0/24"])
        #expect(tailnet.clients[2].map.node?.primaryRoutes.count == 1)
        try tailnet.reconnect(1)
        #expect(tailnet.routes(seenBy: 0, at: 2) == ["10.0.0.0/24"])
    }

    @Test("the policy approves routes as soon as they are advertised, and keeps them approved")
    func automatic() throws {
        var tailnet = try PolicyTailnet(
            #"""
            {"tagOwners": {"tag:r": ["router@"]},
             "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}],
             "autoApprovers": {"routes": {"10.0.0.0/8": ["router@"]}, "exitNode": ["router@"]}}
            """#
        )
        try tailnet.join("router", "ann")
        try tailnet.advertise("10.1.0.0/16", "0.0.0.0/0", "::/0", at: 0)
        #expect(tailnet.routes(seenBy: 1, at: 0) == ["0.0.0.0/0", "10.1.0.0/16", "::/0"])
        #expect(tailnet.clients[1].map.peers.values.first?.capMap["suggest-exit-node"] != nil)
        try tailnet.set("{}")
        try tailnet.receive()
        #expect(tailnet.routes(seenBy: 1, at: 0) == ["0.0.0.0/0", "10.1.0.0/16", "::/0"])
    }

    @Test("approving one default route approves both")
    func exitNode() throws {
        var tailnet = try PolicyTailnet("{}")
        try tailnet.join("router", "ann")
        try tailnet.advertise("0.0.0.0/0", "::/0", at: 0)
        try tailnet.approve("0.0.0.0/0", at: 0)
        #expect(tailnet.routes(seenBy: 1, at: 0) == ["0.0.0.0/0", "::/0"])
        #expect(tailnet.tailnet.tailnet.node(tailnet.nodes[0])?.record.approvedRoutes.count == 2)
    }

    @Test("via leads viewers to the named routers")
    func via() throws {
        var tailnet = try PolicyTailnet(
            #"""
            {"tagOwners": {"tag:east": ["router@"]},
             "grants": [{"src": ["ann@"], "dst": ["10.0.0.0/24"], "ip": ["*"], "via": ["tag:east"]},
                        {"src": ["bob@"], "dst": ["10.0.0.0/24"], "ip": ["*"]}]}
            """#
        )
        try tailnet.join("router", "router", "ann", "bob")
        try tailnet.tailnet.run(TagNode(node: tailnet.nodes[1], tags: ["tag:east"]))
        for router in [0, 1] {
            try tailnet.advertise("10.0.0.0/24", at: router)
            try tailnet.approve("10.0.0.0/24", at: router)
        }
        #expect(tailnet.routes(seenBy: 2, at: 1) == ["10.0.0.0/24"])
        #expect(tailnet.routes(seenBy: 3, at: 0) == ["10.0.0.0/24"])
        #expect(tailnet.routes(seenBy: 3, at: 1) == [])
    }
}
