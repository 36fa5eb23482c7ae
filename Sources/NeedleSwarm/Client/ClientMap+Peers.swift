// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes
internal import NeedleWire

extension ClientMap {
    /// Peers in the order of the Go client: removed, changed, seen, online, patched (reference 3.4).
    mutating func applyPeers(_ message: MapResponse) throws(Violation) {
        if case .nodes(let nodes)? = message.peers {
            try replacePeers(with: nodes, message)
        }
        for id in message.peersRemoved {
            guard peers.removeValue(forKey: id) != nil else {
                throw Violation(description: "PeersRemoved names node \(id), which the client does not have")
            }
        }
        if case .nodes(let nodes)? = message.peersChanged {
            try checkOrder(of: nodes, "PeersChanged")
            for node in nodes { try put(node) }
        }
        try applySeen(message.peerSeenChange ?? [:])
        try applyOnline(message.onlineChange ?? [:])
        for change in message.peersChangedPatch { try patch(change) }
    }

    private mutating func replacePeers(with nodes: [Node], _ message: MapResponse) throws(Violation) {
        // One client takes this for "no change", the other for "no peers".
        guard !nodes.isEmpty else { throw Violation(description: "Peers is an empty list") }
        let hasMore =
            !(message.peersChanged?.isEmpty ?? true) || !message.peersRemoved.isEmpty
            || !message.peersChangedPatch.isEmpty || message.peerSeenChange != nil || message.onlineChange != nil
        guard !hasMore else {
            throw Violation(description: "differences stand beside Peers, where clients do not look at them")
        }
        peers = [:]
        for node in nodes {
            guard peers[node.id] == nil else { throw Violation(description: "Peers has node \(node.id) twice") }
            try put(node)
        }
    }

    private func checkOrder(of nodes: [Node], _ list: String) throws(Violation) {
        for (node, next) in zip(nodes, nodes.dropFirst()) where node.id >= next.id {
            throw Violation(description: "\(list) is not sorted, or has a node twice")
        }
    }

    private mutating func put(_ node: Node) throws(Violation) {
        guard node.id.value > 0 else { throw Violation(description: "a peer has the id \(node.id)") }
        guard node.id != self.node?.id else { throw Violation(description: "a client is listed among its own peers") }
        guard !node.key.isZero else { throw Violation(description: "node \(node.id) has no key") }
        guard node.online != nil else { throw Violation(description: "node \(node.id) has no Online") }
        for user in [node.user] + (node.sharer.map { [$0] } ?? []) where profiles[user] == nil {
            throw Violation(description: "node \(node.id) belongs to user \(user), whose profile is not known")
        }
        // A Go client turns the node into a patch, in which 0 means unchanged.
        if let old = peers[node.id], old.homeDERP != 0, node.homeDERP == 0, !replacesWholly(old, node) {
            throw Violation(description: "node \(node.id) loses its HomeDERP, which clients do not notice")
        }
        peers[node.id] = node
    }

    /// Whether a Go client replaces the peer, rather than patch it (reference 3.5).
    private func replacesWholly(_ old: Node, _ new: Node) -> Bool {
        old.name != new.name || old.user != new.user || old.sharer != new.sharer || old.machine != new.machine
            || old.addresses != new.addresses || old.allowedIPs != new.allowedIPs || old.hostinfo != new.hostinfo
            || old.tags != new.tags || old.primaryRoutes != new.primaryRoutes || old.expired != new.expired
            || old.machineAuthorized != new.machineAuthorized || old.isJailed != new.isJailed
            || old.created != new.created
    }

    /// True means "just now", for which a map without a clock has no value: it stays as it was.
    private mutating func applySeen(_ changes: [NodeID: Bool]) throws(Violation) {
        for (id, isSeen) in changes {
            guard peers[id] != nil else { throw unknown(id, "PeerSeenChange") }
            if !isSeen { peers[id]?.lastSeen = nil }
        }
    }

    private mutating func applyOnline(_ changes: [NodeID: Bool]) throws(Violation) {
        for (id, isOnline) in changes {
            guard peers[id] != nil else { throw unknown(id, "OnlineChange") }
            peers[id]?.online = isOnline
        }
    }

    private mutating func patch(_ change: PeerChange) throws(Violation) {
        guard var peer = peers[change.nodeID] else { throw unknown(change.nodeID, "a patch") }
        if change.derpRegion != 0 { peer.homeDERP = change.derpRegion }
        if let cap = change.cap { peer.cap = cap }
        if let capMap = change.capMap { peer.capMap = capMap }
        if !change.endpoints.isEmpty { peer.endpoints = change.endpoints }
        if let key = change.key {
            guard !key.isZero else { throw Violation(description: "a patch takes node \(peer.id)'s key away") }
            peer.key = key
        }
        if let signature = change.keySignature { peer.keySignature = signature }
        if let discoKey = change.discoKey { peer.discoKey = discoKey }
        if let online = change.online {
            peer.online = online
            if online { peer.lastSeen = nil }
        }
        if let lastSeen = change.lastSeen { peer.lastSeen = lastSeen }
        if let keyExpiry = change.keyExpiry { peer.keyExpiry = keyExpiry.isZero ? nil : keyExpiry }
        peers[change.nodeID] = peer
    }

    private func unknown(_ id: NodeID, _ what: String) -> Violation {
        Violation(description: "\(what) is for node \(id), which the client does not have")
    }
}
