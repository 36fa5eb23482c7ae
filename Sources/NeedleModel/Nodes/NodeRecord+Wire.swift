// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes
internal import NeedleWire

extension NodeRecord {
    /// The node as the wire knows it.
    ///
    /// An expired node is listed with no allowed addresses: clients that look at `Expired` or `KeyExpiry` block it
    /// themselves, and those that ignore both (tailscale-rs does, reference 7.5) have nothing to route to it.
    ///
    /// Peers are not told of each other's machine keys: no client has a use for them, they cannot be compressed, and they
    /// would be a fifth of what a map of many peers takes.
    ///
    /// - Source: `tailcfg.Node`; reference 3.7. `Cap` is the node's own version, not the recipient's.
    func wireNode(status: NodeVersion.Status, domain: String, addresses: [IPAddress], asPeer: Bool) -> Node {
        let prefixes = addresses.map(IPPrefix.init(single:))
        var node = Node()
        node.id = id
        node.stableID = id.description
        node.name = domain.isEmpty ? "\(givenName)." : "\(givenName).\(domain)."
        node.user = wireUser
        node.key = nodeKey
        node.addresses = prefixes
        node.keyExpiry = expiry
        if !asPeer { node.machine = machineKey }
        node.discoKey = soft.discoKey
        node.allowedIPs = asPeer && status.isExpired ? [] : prefixes
        node.endpoints = soft.endpoints
        node.homeDERP = soft.homeDERP
        node.hostinfo = asPeer ? soft.hostinfo.peerView : soft.hostinfo
        node.created = createdAt
        node.cap = soft.capability
        node.tags = tags
        node.lastSeen = status.isOnline ? nil : soft.lastSeen
        node.online = status.isOnline
        node.machineAuthorized = true
        node.expired = status.isExpired
        return node
    }

    /// The patch that tells of `changes`, which must all fit one.
    ///
    /// - Source: `tailcfg.PeerChange`; reference 3.5.
    func peerChange(_ changes: NodeChange, isOnline: Bool) -> PeerChange {
        var patch = PeerChange(nodeID: id)
        if changes.contains(.endpoints) { patch.endpoints = soft.endpoints }
        if changes.contains(.homeDERP) { patch.derpRegion = soft.homeDERP }
        if changes.contains(.key) { patch.key = nodeKey }
        if changes.contains(.disco) { patch.discoKey = soft.discoKey }
        if changes.contains(.capability) { patch.cap = soft.capability }
        // Without an expiry the zero time says that there is none any more.
        if changes.contains(.expiry) { patch.keyExpiry = expiry ?? .zero }
        if changes.contains(.online) {
            patch.online = isOnline
            if !isOnline { patch.lastSeen = soft.lastSeen }
        }
        return patch
    }
}
