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
        case .farewell: [.own(farewellMessage)]
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
        message.append(profilesPiece(peers))
        let blocks = peerBlocks(peers)
        if !blocks.isEmpty {
            message.own.raw(#","Peers":["#)
            for block in blocks { message.append(block) }
            message.own.raw("]")
        }
        message.own.raw("}")
        return message.pieces
    }

    private func peerBlocks(_ peers: NodeSet) -> [MapPiece] {
        var blocks: [MapPiece] = []
        for page in 0..<peers.blockCount {
            let visible = peers.bits(ofBlock: page)
            if visible == 0 { continue }
            blocks.append(peerBlock(page: page, visible: visible, isFirst: blocks.isEmpty))
        }
        return blocks
    }

    private func peerBlock(page: Int, visible: UInt64, isFirst: Bool) -> MapPiece {
        let (snapshot, viewer) = (self.snapshot, self.viewer)
        var routers: [RouterView] = []
        var rest = visible & tailnet.nodes.routers(page: page)
        while rest != 0 {
            let slot = NodeSlot(page * NodeTable.slotsPerPage + rest.trailingZeroBitCount)
            rest &= rest - 1
            if let peer = tailnet.nodes[slot] { routers.append(RouterView(of: peer, for: viewer, in: tailnet)) }
        }
        let render: @Sendable () -> [UInt8] = {
            snapshot.tailnet.peerElements(page: page, visible: visible, isFirst: isFirst, for: viewer)
        }
        // The page that lacks the viewer itself is like nobody else's.
        let isOwn = page == viewer.slot.index / NodeTable.slotsPerPage && view.peers.contains(viewer.slot)
        if isOwn { return .own(render()) }
        let key = MapPiece.Key.peers(
            page: page,
            changed: tailnet.nodes.changed(page: page),
            visible: visible,
            isFirst: isFirst,
            routers: routers
        )
        return .shared(key, json: render)
    }

    private var derpMapPiece: MapPiece {
        let derpMap = tailnet.settings.derpMap
        return .shared(.derpMap(tailnet.derpMapChanged)) { derpMap.json }
    }

    private var dnsPiece: MapPiece {
        if let own = tailnet.ownDNS(of: viewer) { return .own(own.json) }
        let dns = tailnet.settings.dns ?? DNSConfig()
        return .shared(.dns(tailnet.dnsChanged)) { dns.json }
    }

    /// The profiles of the peers' users and the viewer's own.
    private func profilesPiece(_ peers: NodeSet) -> MapPiece {
        let snapshot = self.snapshot
        var all = peers
        all.insert(viewer.slot)
        let everyone = all
        let render: @Sendable () -> [UInt8] = {
            var writer = JSONWriter()
            writer.array(snapshot.tailnet.profiles(ofUsersOf: everyone))
            return writer.bytes
        }
        // A class's set holds its viewers only if they may see each other, so that only then all profiles are alike.
        guard view.peers.contains(viewer.slot) else { return .own(render()) }
        return .shared(.profiles(view.visibilityClass, tailnet.revision), json: render)
    }

    // MARK: - Changes

    private func delta(_ changes: Changes) -> [MapPiece] {
        // The viewer's own profile travels with its own node, so that such a message is the viewer's alone.
        let sharesPeers = changes.isShareable && !changes.tellsSelf && !viewerIsAmongChanged(changes)
        guard changes.tellsMoreThanPeers else {
            return [peerChanges(changes, isWholeMessage: true, isShared: sharesPeers)]
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
        if changes.tellsPeers || changes.tellsSelf {
            message.append(peerChanges(changes, isWholeMessage: false, isShared: sharesPeers))
        }
        message.own.raw("}")
        return message.pieces
    }

    /// Whether others of the class are told of the viewer by the same difference, and the viewer must not be.
    private func viewerIsAmongChanged(_ changes: Changes) -> Bool {
        !viewer.revisions.changes(since: changes.since).isEmpty
    }

    /// Inside a larger message the fields begin with a comma.
    private func peerChanges(_ changes: Changes, isWholeMessage: Bool, isShared: Bool) -> MapPiece {
        let (snapshot, viewer) = (self.snapshot, self.viewer)
        var owners = changes.whole
        if changes.tellsSelf { owners.insert(viewer.slot) }
        let newOwners = owners
        let render: @Sendable () -> [UInt8] = {
            var writer = JSONWriter(reserving: 256 + 700 * changes.whole.count + 120 * changes.patched.count)
            if isWholeMessage { writer.beginObject() }
            snapshot.tailnet.writePeers(changes, profilesOf: newOwners, for: viewer, to: &writer)
            if isWholeMessage { writer.endObject() }
            return writer.bytes
        }
        guard isShared else { return .own(render()) }
        let key = MapPiece.PeerChanges(
            visibilityClass: view.visibilityClass,
            since: changes.since,
            upTo: tailnet.revision,
            routers: changes.routers,
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
