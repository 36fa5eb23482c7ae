// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedlePolicy
internal import NeedleSwarm
import NeedleTypes
import NeedleWire
import Testing

/// A tailnet under a policy, with a connected client for each node; nodes go by the order in which they joined.
struct PolicyTailnet {
    var tailnet: TestTailnet
    var clients: [TestClient] = []
    private(set) var nodes: [NodeID] = []
    private var told: [Int] = []

    init(_ policy: String, configure: (inout TailnetSettings) -> Void = { _ in }) throws {
        tailnet = TestTailnet(configure: configure)
        try set(policy)
    }

    mutating func set(_ policy: String) throws {
        let policy = try Policy(text: Array(policy.utf8), domain: tailnet.tailnet.policyDomain)
        try tailnet.run(SetPolicy(policy, origin: .version(author: "ann", comment: "")))
    }

    func user(_ name: String) throws -> UserID {
        try #require(tailnet.tailnet.user(named: name)).id
    }

    /// Joins a node of each of these users, who are made if need be; every client receives.
    mutating func join(_ users: String...) throws {
        for name in users {
            let user = try tailnet.tailnet.user(named: name)?.id ?? tailnet.user(name)
            let node = try tailnet.joined(hostname: name, authKey: try tailnet.key(user))
            nodes.append(node.record.id)
            clients.append(try TestClient(node.record.id, in: &tailnet))
            told.append(0)
        }
        try receive()
    }

    mutating func receive() throws {
        for index in clients.indices where !clients[index].isFinished { try clients[index].receive(tailnet.tailnet) }
    }

    mutating func forgetMessages() {
        told = clients.map(\.messages)
    }

    /// How many messages each client has got since they were last forgotten.
    var messages: [Int] { zip(clients, told).map { $0.messages - $1 } }

    /// Whom each client sees, by the order of joining.
    var peers: [[Int]] { clients.map { $0.map.peers.keys.compactMap { nodes.firstIndex(of: $0) }.sorted() } }

    /// The ports of everything that the filter of a node lets in; `*` for all.
    func ports(at index: Int) -> [String] {
        let ranges = clients[index].map.filter.values.joined().flatMap(\.dstPorts).map(\.ports)
        let texts = ranges.map {
            $0.first == 0 && $0.last == 65535 ? "*" : $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)"
        }
        return Set(texts).sorted()
    }

    func sources(at index: Int) -> Set<String> {
        Set(clients[index].map.filter.values.joined().flatMap(\.srcIPs))
    }

    // MARK: - Routes

    mutating func advertise(_ routes: String..., at index: Int) throws {
        let node = try #require(tailnet.tailnet.node(nodes[index]))
        var hostinfo = node.record.soft.hostinfo
        hostinfo.routableIPs = routes.compactMap { IPPrefix(text: $0) }
        try tailnet.run(UpdateNode(node: nodes[index], update: NodeUpdate(hostinfo: hostinfo)))
        try receive()
    }

    mutating func approve(_ routes: String..., at index: Int) throws {
        try tailnet.run(ApproveRoutes(node: nodes[index], routes: routes.compactMap { IPPrefix(text: $0) }))
        try receive()
    }

    /// What a client may route to a peer beyond the peer's own addresses.
    func routes(seenBy viewer: Int, at router: Int) -> [String] {
        guard let peer = clients[viewer].map.peers[nodes[router]] else { return ["not a peer"] }
        return (peer.allowedIPs ?? []).filter { !peer.addresses.contains($0) }.map(\.description).sorted()
    }

    mutating func disconnect(_ index: Int) throws {
        try tailnet.run(CloseMapStream(node: nodes[index], generation: clients[index].session.generation))
        tailnet.advance(by: .seconds(11))
        for other in clients.indices where other != index { try clients[other].receive(tailnet.tailnet) }
    }

    mutating func reconnect(_ index: Int) throws {
        clients[index] = try TestClient(nodes[index], in: &tailnet)
        try receive()
    }
}
