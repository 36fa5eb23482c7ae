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
    package internal(set) var node: Node?
    /// The peers by id.
    package internal(set) var peers: [NodeID: Node] = [:]
    /// The users by id.
    package internal(set) var profiles: [UserID: UserProfile] = [:]
    /// The packet filter's chunks by name.
    package internal(set) var filter: [String: [FilterRule]] = [:]
    /// The relays.
    package internal(set) var derpMap: DERPMap?
    /// How names are resolved.
    package internal(set) var dns: DNSConfig?
    /// The tailnet's name.
    package internal(set) var domain = ""
    /// Who may log in through SSH.
    package internal(set) var sshPolicy: SSHPolicy?

    /// A client that has been told nothing.
    package init() {}

    /// What a message may not do.
    package struct Violation: Error, Equatable, CustomStringConvertible {
        /// Which rule was broken, by what.
        package let description: String
    }

    /// Applies one message.
    ///
    /// - Throws: ``Violation`` when a client could not make sense of it; the map is then half changed.
    package mutating func apply(_ message: MapResponse) throws(Violation) {
        if message.keepAlive { return }
        guard node != nil || message.node != nil else {
            throw Violation(description: "the first message has no Node")
        }
        if let node = message.node { self.node = node }
        for profile in message.userProfiles { profiles[profile.id] = profile }
        if let node, profiles[node.user] == nil {
            throw Violation(description: "the client's own user \(node.user) has no profile")
        }
        try applyPeers(message)
        if let derpMap = message.derpMap { try apply(derpMap) }
        if let dns = message.dnsConfig { self.dns = dns }
        if !message.domain.isEmpty { domain = message.domain }
        if let policy = message.sshPolicy { sshPolicy = policy }
        try applyFilter(message)
    }

    /// What a Go client that was told no more than this would miss, as clauses; empty when it can work.
    ///
    /// - Source: reference 3.10.
    package var gaps: [String] {
        var gaps: [String] = []
        guard let node else { return ["no Node, without which the poll ends"] }
        if !node.machineAuthorized { gaps.append("MachineAuthorized is false: it waits for an approval") }
        if node.name.split(separator: ".").count < 2 || !node.name.hasSuffix(".") {
            gaps.append("its name '\(node.name)' has no suffix: no MagicDNS")
        }
        if derpMap?.regions.isEmpty ?? true { gaps.append("no DERP region: it stays in Starting") }
        if filter.isEmpty { gaps.append("no packet filter: everything that comes in is dropped") }
        if dns == nil { gaps.append("no DNSConfig: no names") }
        for peer in peers.values where peer.discoKey.isZero && !peer.isWireGuardOnly {
            gaps.append("peer \(peer.id) has no DiscoKey: it cannot be reached")
        }
        return gaps
    }

    /// Regions that are absent stay as they were (reference 3.8).
    private mutating func apply(_ new: DERPMap) throws(Violation) {
        for (id, region) in new.regions where region.regionID != id || id <= 0 {
            throw Violation(description: "the DERP map has region \(region.regionID) under \(id)")
        }
        var merged = new
        if new.regions.isEmpty { merged.regions = derpMap?.regions ?? [:] }
        merged.homeParams = new.homeParams ?? derpMap?.homeParams
        derpMap = merged
    }
}
