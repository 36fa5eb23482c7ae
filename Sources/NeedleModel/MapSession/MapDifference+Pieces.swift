// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
internal import NeedleTypes
internal import NeedleWire

extension MapDifference {
    /// The message's JSON in pieces.
    package var pieces: [MapPiece] {
        switch kind {
        case .full(let peers, let chunks, let ssh): fullMessage(peers, chunks, ssh)
        case .delta(let changes): delta(changes)
        case .farewell: [.own(farewellMessage[...])]
        }
    }

    // MARK: - Everything

    /// Everything a client needs to begin; a client starts each stream with nothing (reference 3.4, 8).
    private func fullMessage(_ peers: NodeSet, _ chunks: [PolicyChunk], _ ssh: SSHPolicy?) -> [MapPiece] {
        var message = MapMessage()
        message.own.beginObject()
        message.own.field("Node", selfNode(expired: false))
        message.own.field("Domain", tailnet.settings.domain)
        message.own.field("CollectServices", false)
        message.own.field("Debug", Debug(disableLogTail: !tailnet.settings.allowsLogTail))
        if let ssh { message.own.field("SSHPolicy", ssh) }
        write(chunks, removed: [], isWhole: true, to: &message)
        message.own.raw(#","DERPMap":"#)
        message.append(derpMapPiece)
        if tailnet.settings.dns != nil {
            message.own.raw(#","DNSConfig":"#)
            message.append(dnsPiece)
        }
        message.own.raw(#","UserProfiles":"#)
        appendProfiles(ofUsersOf: peers, to: &message)
        append(peers, to: &message, as: #","Peers":["#)
        message.own.raw("}")
        return message.pieces
    }

    private var derpMapPiece: MapPiece {
        let derpMap = tailnet.settings.derpMap
        return .shared(.derpMap(tailnet.derpMapChanged)) { derpMap.json }
    }

    private var dnsPiece: MapPiece {
        if let own = tailnet.ownDNS(of: viewer) { return .own(own.json[...]) }
        let dns = tailnet.settings.dns ?? DNSConfig()
        return .shared(.dns(tailnet.dnsChanged)) { dns.json }
    }

    // MARK: - Changes

    /// From how many on whole nodes of a difference are sent in runs.
    static let wholeNodesInRunsMin = 24

    private func delta(_ changes: Changes) -> [MapPiece] {
        // Many whole nodes, as when thousands join, go in runs that all who see them have in common.
        let isLong = changes.whole.count >= Self.wholeNodesInRunsMin
        guard changes.tellsMoreThanPeers || isLong else {
            return [peerChanges(changes, isWholeMessage: true)]
        }
        var message = MapMessage()
        message.own.beginObject()
        if changes.tellsSelf { message.own.field("Node", selfNode(expired: false)) }
        if changes.tellsDERPMap { message.own.field("DERPMap", tailnet.settings.derpMap) }
        if changes.tellsDNS {
            message.own.field("DNSConfig", tailnet.ownDNS(of: viewer) ?? tailnet.settings.dns ?? DNSConfig())
        }
        if let ssh = changes.ssh { message.own.field("SSHPolicy", ssh.policy) }
        if let filter = changes.filter { write(filter.changed, removed: filter.removed, to: &message) }
        if isLong {
            appendLong(changes, to: &message)
        } else if changes.tellsPeers || changes.tellsSelf {
            message.append(peerChanges(changes, isWholeMessage: false))
        }
        message.own.raw("}")
        return message.pieces
    }

    private func appendLong(_ changes: Changes, to message: inout MapMessage) {
        let whole = changes.wholeSet
        message.own.field("UserProfiles")
        appendProfiles(ofUsersOf: whole, to: &message)
        var rest = changes
        rest.whole = []
        tailnet.writePeers(rest, profilesOf: NodeSet(), for: viewer, to: &message.own)
        append(whole, to: &message, as: #","PeersChanged":["#)
    }

    /// Inside a larger message the fields begin with a comma.
    private func peerChanges(_ changes: Changes, isWholeMessage: Bool) -> MapPiece {
        let (snapshot, viewer) = (self.snapshot, self.viewer)
        let render: @Sendable () -> [UInt8] = {
            var owners = changes.wholeSet
            if changes.tellsSelf { owners.insert(viewer.slot) }
            var writer = JSONWriter(reserving: 256 + 700 * changes.whole.count + 120 * changes.patched.count)
            if isWholeMessage { writer.beginObject() }
            snapshot.tailnet.writePeers(changes, profilesOf: owners, for: viewer, to: &writer)
            if isWholeMessage { writer.endObject() }
            return writer.bytes
        }
        // The viewer's own profile travels with its own node, so that such a message is the viewer's alone.
        if changes.tellsSelf { return .own(render()[...]) }
        let key = MapPiece.PeerChanges(
            upTo: tailnet.revision,
            whole: changes.whole,
            routers: changes.routers,
            patched: changes.patched,
            removed: changes.removed,
            isWholeMessage: isWholeMessage
        )
        return .shared(.peerChanges(key), json: render)
    }

    // MARK: - The viewer itself

    private var farewellMessage: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("Node", selfNode(expired: true))
        writer.endObject()
        return writer.bytes
    }

    private func selfNode(expired: Bool) -> Node {
        let own = tailnet.policy.ownAccess(of: viewer.slot)
        var node = viewer.record.wireNode(
            status: viewer.status,
            domain: tailnet.settings.baseDomain,
            addresses: viewer.addresses,
            asPeer: false
        )
        node.online = true
        node.lastSeen = nil
        // A node that is gone is in no policy any more.
        if !own.allowedIPs.isEmpty { node.allowedIPs = own.allowedIPs }
        node.primaryRoutes = own.primaryRoutes
        node.capMap = tailnet.policy.capabilities(of: viewer.slot)
        if expired {
            // Any time in the past will do; a fixed one keeps this a function of its arguments.
            node.keyExpiry = Timestamp(seconds: 1)
            node.expired = true
        }
        return node
    }
}
