// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

/// What a client knows of its tailnet: the messages of one map stream, applied in order.
///
/// It follows the rules of the Go client (reference 3.4 to 3.6), and is strict where that one is lenient, so that a
/// test notices what a client would quietly get wrong.
package struct ClientMap: Sendable, Equatable {
    /// The client's own node.
    package private(set) var node: Node?
    /// The peers by id.
    package private(set) var peers: [NodeID: Node] = [:]
    /// The users by id.
    package private(set) var profiles: [UserID: UserProfile] = [:]
    /// The packet filter's chunks by name.
    package private(set) var filter: [String: [FilterRule]] = [:]
    /// The relays.
    package private(set) var derpMap: DERPMap?
    /// How names are resolved.
    package private(set) var dns: DNSConfig?
    /// The tailnet's name.
    package private(set) var domain = ""
    /// Who may log in through SSH.
    package private(set) var sshPolicy: SSHPolicy?

    /// A client that has been told nothing.
    package init() {}

    /// What a message may not do.
    package struct Violation: Error, Equatable, CustomStringConvertible {
        /// Which rule was broken, by what.
        package let description: String
    }

    /// Applies one message.
    ///
    /// - Throws: ``Violation`` when a client could not make sense of it.
    package mutating func apply(_ message: MapResponse) throws(Violation) {
        if message.keepAlive { return }
        guard node != nil || message.node != nil else {
            throw Violation(description: "the first message has no Node")
        }
        if let node = message.node { self.node = node }
        for profile in message.userProfiles { profiles[profile.id] = profile }
        try applyPeers(message)
        if let derpMap = message.derpMap { self.derpMap = derpMap }
        if let dns = message.dnsConfig { self.dns = dns }
        if !message.domain.isEmpty { domain = message.domain }
        if let policy = message.sshPolicy { sshPolicy = policy }
        applyFilter(message)
    }

    private mutating func applyPeers(_ message: MapResponse) throws(Violation) {
        if case .nodes(let nodes)? = message.peers {
            guard !nodes.isEmpty else { throw Violation(description: "Peers is an empty list") }
            peers = [:]
            for node in nodes { try put(node) }
        }
        for id in message.peersRemoved {
            guard peers.removeValue(forKey: id) != nil else {
                throw Violation(description: "PeersRemoved names node \(id), which the client does not have")
            }
        }
        if case .nodes(let nodes)? = message.peersChanged {
            guard nodes.map(\.id) == nodes.map(\.id).sorted() else {
                throw Violation(description: "PeersChanged is not sorted")
            }
            for node in nodes { try put(node) }
        }
        for change in message.peersChangedPatch { try patch(change) }
    }

    private mutating func put(_ node: Node) throws(Violation) {
        guard node.id != self.node?.id else { throw Violation(description: "a client is listed among its own peers") }
        guard node.online != nil else { throw Violation(description: "node \(node.id) has no Online") }
        guard profiles[node.user] != nil else {
            throw Violation(description: "node \(node.id) belongs to user \(node.user), whose profile is not known")
        }
        peers[node.id] = node
    }

    private mutating func patch(_ change: PeerChange) throws(Violation) {
        guard var peer = peers[change.nodeID] else {
            throw Violation(description: "a patch is for node \(change.nodeID), which the client does not have")
        }
        if change.derpRegion != 0 { peer.homeDERP = change.derpRegion }
        if let cap = change.cap { peer.cap = cap }
        if let capMap = change.capMap { peer.capMap = capMap }
        if !change.endpoints.isEmpty { peer.endpoints = change.endpoints }
        if let key = change.key { peer.key = key }
        if let discoKey = change.discoKey { peer.discoKey = discoKey }
        if let online = change.online {
            peer.online = online
            if online { peer.lastSeen = nil }
        }
        if let lastSeen = change.lastSeen { peer.lastSeen = lastSeen }
        if let keyExpiry = change.keyExpiry { peer.keyExpiry = keyExpiry.isZero ? nil : keyExpiry }
        peers[change.nodeID] = peer
    }

    private mutating func applyFilter(_ message: MapResponse) {
        if let rules = message.packetFilter { filter["base"] = rules }
        if message.packetFilters.contains(.deleteAll) { filter = [:] }
        for chunk in message.packetFilters where chunk.name != "*" {
            switch chunk.content {
            case .rules(let rules): filter[chunk.name] = rules
            case .deleted: filter[chunk.name] = nil
            case .encoded: break
            }
        }
    }
}
