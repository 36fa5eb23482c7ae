// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import NeedleWire

/// Map messages of a made-up server, with the peers that a client has after each.
struct RandomMessages {
    private var random: SeededRandom
    private(set) var peers: Set<Int64> = []
    private let own: Int64 = 1
    private var isFirst = true

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    /// The next message; ``peers`` is then what a client must have.
    mutating func next() -> MapResponse {
        var message = MapResponse()
        defer { isFirst = false }
        if isFirst || Bool.random(using: &random) { message.node = node(own) }
        message.userProfiles = [UserProfile(id: UserID(1), loginName: "a\"b\\", displayName: "{[")]
        message.domain = "example.com"
        if isFirst || Int.random(in: 0..<5, using: &random) == 0 {
            let ids = someIDs(isFirst ? 0...40 : 1...40)
            if !ids.isEmpty {
                message.peers = .nodes(ids.map { node($0) })
                peers = Set(ids)
            }
            return message
        }
        let removed = peers.filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
        message.peersRemoved = removed.sorted().map { NodeID($0) }
        peers.subtract(removed)
        let changed = someIDs(0...10)
        if !changed.isEmpty { message.peersChanged = .nodes(changed.map { node($0) }) }
        peers.formUnion(changed)
        let patched = peers.filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
        message.peersChangedPatch = patched.sorted().map { PeerChange(nodeID: NodeID($0), online: true) }
        return message
    }

    private mutating func someIDs(_ count: ClosedRange<Int>) -> [Int64] {
        let count = Int.random(in: count, using: &random)
        var ids: Set<Int64> = []
        for _ in 0..<count { ids.insert(Int64.random(in: 2...200, using: &random)) }
        if count > 5 { ids.insert(Int64.random(in: 1 << 30...1 << 52, using: &random)) }
        return ids.sorted()
    }

    private mutating func node(_ id: Int64) -> Node {
        var node = Node()
        node.id = NodeID(id)
        node.stableID = "\(id)"
        node.name = "a\(id).example.com."
        node.user = UserID(1)
        node.key = NodeKey(bytes: (0..<32).map { _ in UInt8.random(in: 1...255, using: &random) }) ?? .zero
        node.online = true
        node.hostinfo = Hostinfo()
        node.hostinfo?.hostname = #"odd "name" \ with {brackets], "ID":77"#
        node.capMap = ["NodeID": [], "x": []]
        node.tags = ["tag:\"ID\":5"]
        return node
    }
}
