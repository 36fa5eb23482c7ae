// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleSwarm
import NeedleTypes
import NeedleWire
import Testing

@Suite struct ClientMapTests {
    private static let key = NodeKey(bytes: [UInt8](repeating: 7, count: 32)) ?? .zero
    private static let disco = DiscoKey(bytes: [UInt8](repeating: 9, count: 32)) ?? .zero

    private static func node(_ id: Int64, change: (inout Node) -> Void = { _ in }) -> Node {
        var node = Node()
        node.id = NodeID(id)
        node.name = "n\(id).example.com."
        node.user = UserID(1)
        node.key = key
        node.discoKey = disco
        node.online = true
        node.machineAuthorized = true
        change(&node)
        return node
    }

    private static func message(_ change: (inout MapResponse) -> Void) -> MapResponse {
        var message = MapResponse()
        change(&message)
        return message
    }

    private static func first(peers: [Int64] = [2, 3]) -> MapResponse {
        message {
            $0.node = node(1)
            $0.userProfiles = [UserProfile(id: UserID(1), loginName: "u", displayName: "U")]
            if !peers.isEmpty { $0.peers = .nodes(peers.map { node($0) }) }
            $0.derpMap = DERPMap(regions: [1: DERPRegion(regionID: 1, regionCode: "a", regionName: "A")])
            $0.dnsConfig = DNSConfig(proxied: true)
            $0.packetFilters = [
                PacketFilterChunk(name: "all", content: .rules([rule("*")]))
            ]
        }
    }

    private static func rule(_ source: String, to target: String = "*") -> FilterRule {
        FilterRule(srcIPs: [source], dstPorts: [NetPortRange(ip: target, ports: PortRange(first: 0, last: 65_535))])
    }

    private static func begun(peers: [Int64] = [2, 3]) throws -> ClientMap {
        var map = ClientMap()
        try map.apply(first(peers: peers))
        return map
    }

    private func expectViolation(
        of map: ClientMap,
        by message: MapResponse,
        naming text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        var map = map
        do throws(ClientMap.Violation) {
            try map.apply(message)
            Issue.record("the message was taken", sourceLocation: sourceLocation)
        } catch {
            #expect(error.description.contains(text), sourceLocation: sourceLocation)
        }
    }

    @Test("a whole first message leaves no gaps")
    func first() throws {
        let map = try Self.begun()
        #expect(map.peers.keys.sorted() == [NodeID(2), NodeID(3)])
        #expect(map.gaps.isEmpty)
    }

    @Test("the first message must have the node and the profile of its user")
    func firstWithoutNode() {
        expectViolation(of: ClientMap(), by: Self.message { $0.domain = "x" }, naming: "no Node")
        expectViolation(of: ClientMap(), by: Self.message { $0.node = Self.node(1) }, naming: "no profile")
    }

    @Test("a keep-alive changes nothing, whatever else it says, also as the first message")
    func keepAlive() throws {
        var map = ClientMap()
        try map.apply(
            Self.message {
                $0.keepAlive = true
                $0.domain = "ignored"
            }
        )
        #expect(map == ClientMap())
    }

    @Test("says what a Go client would miss")
    func gaps() throws {
        var map = ClientMap()
        try map.apply(
            Self.message {
                $0.node = Self.node(1) { node in
                    node.name = "n"
                    node.machineAuthorized = false
                }
                $0.userProfiles = [UserProfile(id: UserID(1), loginName: "u", displayName: "U")]
                $0.peers = .nodes([Self.node(2) { $0.discoKey = .zero }])
            }
        )
        #expect(map.gaps.count == 6)
        #expect(ClientMap().gaps.count == 1)
    }

    @Test("Peers replaces all peers, and must neither be empty, nor come with differences, nor name a node twice")
    func peers() throws {
        var map = try Self.begun()
        try map.apply(Self.message { $0.peers = .nodes([Self.node(4)]) })
        #expect(Array(map.peers.keys) == [NodeID(4)])
        expectViolation(of: map, by: Self.message { $0.peers = .nodes([]) }, naming: "empty list")
        expectViolation(
            of: map,
            by: Self.message { $0.peers = .nodes([Self.node(5), Self.node(5)]) },
            naming: "twice"
        )
        expectViolation(
            of: map,
            by: Self.message {
                $0.peers = .nodes([Self.node(5)])
                $0.peersRemoved = [NodeID(4)]
            },
            naming: "beside Peers"
        )
    }

    @Test("PeersChanged adds and replaces, in order")
    func changed() throws {
        var map = try Self.begun()
        try map.apply(
            Self.message {
                $0.peersChanged = .nodes([Self.node(3) { $0.name = "new.example.com." }, Self.node(4)])
            }
        )
        #expect(map.peers.count == 3)
        #expect(map.peers[NodeID(3)]?.name == "new.example.com.")
        expectViolation(
            of: map,
            by: Self.message { $0.peersChanged = .nodes([Self.node(6), Self.node(5)]) },
            naming: "not sorted"
        )
    }

    @Test("peers are removed before others are added, and only if they are there")
    func removed() throws {
        var map = try Self.begun()
        try map.apply(
            Self.message {
                $0.peersRemoved = [NodeID(2)]
                $0.peersChanged = .nodes([Self.node(2)])
            }
        )
        #expect(map.peers[NodeID(2)] != nil)
        expectViolation(of: map, by: Self.message { $0.peersRemoved = [NodeID(9)] }, naming: "node 9")
    }

    @Test("a peer without id, key, Online, or known user is refused, and so is the client itself")
    func badPeers() throws {
        let map = try Self.begun()
        let cases: [(String, Node)] = [
            ("id 0", Self.node(0)), ("own peers", Self.node(1)), ("no key", Self.node(4) { $0.key = .zero }),
            ("no Online", Self.node(4) { $0.online = nil }), ("user 5", Self.node(4) { $0.user = UserID(5) }),
            ("user 6", Self.node(4) { $0.sharer = UserID(6) }),
        ]
        for (text, node) in cases {
            expectViolation(of: map, by: Self.message { $0.peersChanged = .nodes([node]) }, naming: text)
        }
    }

    @Test("a profile may come with the first peer of its user, and stays")
    func profiles() throws {
        var map = try Self.begun()
        try map.apply(
            Self.message {
                $0.userProfiles = [UserProfile(id: UserID(5), loginName: "v", displayName: "V")]
                $0.peersChanged = .nodes([Self.node(4) { $0.user = UserID(5) }])
            }
        )
        try map.apply(Self.message { $0.peersChanged = .nodes([Self.node(5) { $0.user = UserID(5) }]) })
        #expect(map.profiles.count == 2)
    }

    @Test("a home region cannot be taken back by a change that clients make into a patch")
    func homeRegion() throws {
        var map = try Self.begun()
        try map.apply(Self.message { $0.peersChanged = .nodes([Self.node(2) { $0.homeDERP = 7 }]) })
        expectViolation(of: map, by: Self.message { $0.peersChanged = .nodes([Self.node(2)]) }, naming: "HomeDERP")
        try map.apply(
            Self.message { $0.peersChanged = .nodes([Self.node(2) { $0.name = "other.example.com." }]) }
        )
        #expect(map.peers[NodeID(2)]?.homeDERP == 0)
    }

    @Test("a patch changes what it has and nothing else")
    func patch() throws {
        var map = try Self.begun()
        let key = try #require(NodeKey(bytes: [UInt8](repeating: 8, count: 32)))
        let endpoint = try #require(Endpoint(text: "192.0.2.1:41641"))
        let change = PeerChange(nodeID: NodeID(2), derpRegion: 4, endpoints: [endpoint], key: key, online: false)
        try map.apply(Self.message { $0.peersChangedPatch = [change] })
        let expected = Self.node(2) {
            $0.homeDERP = 4
            $0.endpoints = [endpoint]
            $0.key = key
            $0.online = false
        }
        #expect(map.peers[NodeID(2)] == expected)
        #expect(map.peers[NodeID(3)] == Self.node(3))
        expectViolation(
            of: map,
            by: Self.message { $0.peersChangedPatch = [PeerChange(nodeID: NodeID(9))] },
            naming: "node 9"
        )
        expectViolation(
            of: map,
            by: Self.message { $0.peersChangedPatch = [PeerChange(nodeID: NodeID(2), key: .zero)] },
            naming: "key away"
        )
    }

    @Test("coming online clears when a peer was seen last, and a zero expiry means never")
    func patchTimes() throws {
        var map = try Self.begun()
        let time = Timestamp(seconds: 1000)
        let offline = PeerChange(nodeID: NodeID(2), online: false, lastSeen: time, keyExpiry: time)
        try map.apply(Self.message { $0.peersChangedPatch = [offline] })
        #expect(map.peers[NodeID(2)]?.lastSeen == time)
        #expect(map.peers[NodeID(2)]?.keyExpiry == time)
        let online = PeerChange(nodeID: NodeID(2), online: true, keyExpiry: .zero)
        try map.apply(Self.message { $0.peersChangedPatch = [online] })
        #expect(map.peers[NodeID(2)]?.lastSeen == nil)
        #expect(map.peers[NodeID(2)]?.keyExpiry == nil)
    }

    @Test("OnlineChange and PeerSeenChange are for known peers")
    func onlineChange() throws {
        var map = try Self.begun()
        try map.apply(
            Self.message {
                $0.onlineChange = [NodeID(2): false]
                $0.peerSeenChange = [NodeID(3): false]
            }
        )
        #expect(map.peers[NodeID(2)]?.online == false)
        expectViolation(of: map, by: Self.message { $0.onlineChange = [NodeID(9): true] }, naming: "node 9")
        expectViolation(of: map, by: Self.message { $0.peerSeenChange = [NodeID(9): true] }, naming: "node 9")
    }

    @Test("filter chunks are replaced and deleted by name, and all at once by the star")
    func filter() throws {
        var map = try Self.begun()
        let rules = [Self.rule("100.64.0.0/10")]
        try map.apply(Self.message { $0.packetFilter = rules })
        #expect(map.filter.keys.sorted() == ["all", "base"])
        try map.apply(
            Self.message {
                $0.packetFilters = [
                    PacketFilterChunk(name: "all", content: .deleted),
                    PacketFilterChunk(name: "b", content: .rules([])),
                ]
            }
        )
        #expect(map.filter == ["base": rules, "b": []])
        try map.apply(
            Self.message {
                $0.packetFilters = [PacketFilterChunk(name: "c", content: .rules(rules)), .deleteAll]
            }
        )
        #expect(map.filter == ["c": rules])
        try map.apply(Self.message { $0.packetFilter = [] })
        #expect(map.filter == ["c": rules, "base": []])
        expectViolation(
            of: map,
            by: Self.message { $0.packetFilters = [PacketFilterChunk(name: "*", content: .rules(rules))] },
            naming: "'*'"
        )
    }

    @Test(
        "sources that clients can read are taken",
        arguments: [
            "*", "100.64.0.1", "fd7a:115c:a1e0::1", "10.0.0.0/8", "fd7a:115c:a1e0::/48", "10.0.0.1-10.0.0.9", "cap:x",
        ]
    )
    func goodSource(text: String) throws {
        var map = try Self.begun()
        try map.apply(Self.message { $0.packetFilter = [Self.rule(text)] })
        #expect(map.filter["base"] == [Self.rule(text)])
    }

    @Test(
        "sources and targets that make clients drop the filter are refused",
        arguments: ["", "10.0.0.1/8", "10.0.0.9-10.0.0.1", "10.0.0.1-fd00::1", "tag:a", "cap:", "10.0.0.0/33"]
    )
    func badSource(text: String) throws {
        let map = try Self.begun()
        expectViolation(of: map, by: Self.message { $0.packetFilter = [Self.rule(text)] }, naming: "source")
        expectViolation(of: map, by: Self.message { $0.packetFilter = [Self.rule("*", to: text)] }, naming: "target")
    }

    @Test("a rule has ports or capabilities, never both or neither, and no capability as a target")
    func ruleKinds() throws {
        let map = try Self.begun()
        let neither = FilterRule(srcIPs: ["*"])
        expectViolation(of: map, by: Self.message { $0.packetFilter = [neither] }, naming: "neither")
        expectViolation(of: map, by: Self.message { $0.packetFilter = [Self.rule("*", to: "cap:x")] }, naming: "target")
    }

    @Test("a DERP map without regions leaves them, one with regions replaces them, and ids must agree")
    func derpMap() throws {
        var map = try Self.begun()
        let regions = map.derpMap?.regions
        try map.apply(Self.message { $0.derpMap = DERPMap(homeParams: DERPHomeParams(regionScore: [1: 2])) })
        #expect(map.derpMap?.regions == regions)
        #expect(map.derpMap?.homeParams?.regionScore == [1: 2])
        try map.apply(
            Self.message {
                $0.derpMap = DERPMap(regions: [2: DERPRegion(regionID: 2, regionCode: "b", regionName: "B")])
            }
        )
        #expect(map.derpMap?.regions.keys.sorted() == [2])
        #expect(map.derpMap?.homeParams != nil)
        expectViolation(
            of: map,
            by: Self.message {
                $0.derpMap = DERPMap(regions: [3: DERPRegion(regionID: 2, regionCode: "b", regionName: "B")])
            },
            naming: "region 2 under 3"
        )
    }

    @Test("what is absent stays")
    func absent() throws {
        var map = try Self.begun()
        try map.apply(Self.message { $0.domain = "example.com" })
        let before = map
        try map.apply(MapResponse())
        #expect(map == before)
    }
}
