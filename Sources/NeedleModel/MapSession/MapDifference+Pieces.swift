// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
internal import NeedleTypes
internal import NeedleWire

extension MapDifference {
    /// The message's JSON in pieces.
    package var pieces: [MapPiece] {
        switch kind {
        case .full(let peers, let chunks): fullMessage(peers, chunks)
        case .delta(let changes): delta(changes)
        case .farewell: [.own(farewellMessage)]
        }
    }

    // MARK: - Everything

    /// Everything a client needs to begin; a client starts each stream with nothing (reference 3.4, 8).
    private func fullMessage(_ peers: NodeSet, _ chunks: [FilterChunk]) -> [MapPiece] {
        var head = JSONWriter()
        head.beginObject()
        head.field("Node", selfNode(expired: false))
        head.field("Domain", tailnet.settings.domain)
        head.field("CollectServices", false)
        head.field("Debug", Debug(disableLogTail: !tailnet.settings.allowsLogTail))
        head.field("PacketFilters")
        write(chunks, removed: [], to: &head)
        head.raw(#","DERPMap":"#)
        var pieces: [MapPiece] = [.own(head.bytes), derpMapPiece]
        if tailnet.settings.dns != nil { pieces += [.own(Array(#","DNSConfig":"#.utf8)), dnsPiece] }
        pieces += [.own(Array(#","UserProfiles":"#.utf8)), profilesPiece(peers)]
        let blocks = peerBlocks(peers)
        if !blocks.isEmpty { pieces += [.own(Array(#","Peers":["#.utf8))] + blocks + [.own(Array("]".utf8))] }
        pieces.append(.own(Array("}".utf8)))
        return pieces
    }

    private func peerBlocks(_ peers: NodeSet) -> [MapPiece] {
        var blocks: [MapPiece] = []
        for page in 0..<peers.blockCount {
            let visible = peers.bits(ofBlock: page)
            if visible == 0 { continue }
            let isFirst = blocks.isEmpty
            let nodes = tailnet.nodes
            let key = MapPiece.Key.peers(
                page: page,
                changed: nodes.changed(page: page),
                visible: visible,
                isFirst: isFirst
            )
            let render: @Sendable () -> [UInt8] = {
                nodes.peerElements(page: page, visible: visible, isFirst: isFirst)
            }
            // The page that lacks the viewer itself is like nobody else's.
            let isOwn = page == viewer.slot.index / NodeTable.slotsPerPage && view.peers.contains(viewer.slot)
            blocks.append(isOwn ? .own(render()) : .shared(key, json: render))
        }
        return blocks
    }

    private var derpMapPiece: MapPiece {
        let derpMap = tailnet.settings.derpMap
        return .shared(.derpMap(tailnet.derpMapChanged)) { derpMap.json }
    }

    private var dnsPiece: MapPiece {
        let dns = tailnet.settings.dns ?? DNSConfig()
        return .shared(.dns(tailnet.dnsChanged)) { dns.json }
    }

    /// The profiles of the peers' users and the viewer's own.
    private func profilesPiece(_ peers: NodeSet) -> MapPiece {
        let tailnet = self.tailnet
        var all = peers
        all.insert(viewer.slot)
        let everyone = all
        let render: @Sendable () -> [UInt8] = {
            var writer = JSONWriter()
            writer.array(tailnet.profiles(ofUsersOf: everyone))
            return writer.bytes
        }
        // A class's set holds its viewers only if they may see each other, so that only then all profiles are alike.
        guard view.peers.contains(viewer.slot) else { return .own(render()) }
        return .shared(.profiles(visibilityClass: view.visibilityClass, tailnet.revision), json: render)
    }

    // MARK: - Changes

    private func delta(_ changes: Changes) -> [MapPiece] {
        // The viewer's own profile travels with its own node, so that such a message is the viewer's alone.
        let sharesPeers = changes.isShareable && !changes.tellsSelf && !viewerIsAmongChanged(changes)
        guard changes.tellsMoreThanPeers else {
            return [peerChanges(changes, isWholeMessage: true, isShared: sharesPeers)]
        }
        var pieces: [MapPiece] = []
        var head = JSONWriter()
        head.beginObject()
        if changes.tellsSelf { head.field("Node", selfNode(expired: false)) }
        if changes.tellsDERPMap { head.field("DERPMap", tailnet.settings.derpMap) }
        if changes.tellsDNS { head.field("DNSConfig", tailnet.settings.dns ?? DNSConfig()) }
        if let filter = changes.filterChunks {
            head.field("PacketFilters")
            write(filter.changed, removed: filter.removed, to: &head)
        }
        if changes.tellsPeers || changes.tellsSelf {
            pieces.append(.own(head.bytes))
            pieces.append(peerChanges(changes, isWholeMessage: false, isShared: sharesPeers))
        } else {
            pieces.append(.own(head.bytes))
        }
        pieces.append(.own(Array("}".utf8)))
        return pieces
    }

    /// Whether others of the class are told of the viewer by the same difference, and the viewer must not be.
    private func viewerIsAmongChanged(_ changes: Changes) -> Bool {
        !viewer.revisions.changes(since: changes.since).isEmpty
    }

    /// Inside a larger message the fields begin with a comma.
    private func peerChanges(_ changes: Changes, isWholeMessage: Bool, isShared: Bool) -> MapPiece {
        let tailnet = self.tailnet
        var owners = changes.whole
        if changes.tellsSelf { owners.insert(viewer.slot) }
        let newOwners = owners
        let render: @Sendable () -> [UInt8] = {
            var writer = JSONWriter(reserving: 256 + 700 * changes.whole.count + 120 * changes.patched.count)
            if isWholeMessage { writer.beginObject() }
            tailnet.writePeers(changes, profilesOf: newOwners, to: &writer)
            if isWholeMessage { writer.endObject() }
            return writer.bytes
        }
        guard isShared else { return .own(render()) }
        let key = MapPiece.Key.peerChanges(
            visibilityClass: view.visibilityClass,
            since: changes.since,
            upTo: tailnet.revision,
            isWholeMessage: isWholeMessage
        )
        return .shared(key, json: render)
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
        var node = viewer.record.wireNode(status: viewer.status, domain: tailnet.settings.baseDomain, asPeer: false)
        node.online = true
        node.lastSeen = nil
        node.capMap = tailnet.settings.selfCapabilities
        if expired {
            // Any time in the past will do; a fixed one keeps this a function of its arguments.
            node.keyExpiry = Timestamp(seconds: 1)
            node.expired = true
        }
        return node
    }

    private func write(_ chunks: [FilterChunk], removed: [String], to writer: inout JSONWriter) {
        writer.beginObject()
        for chunk in chunks {
            writer.field(named: chunk.name)
            writer.array(chunk.rules)
        }
        for name in removed {
            writer.field(named: name)
            writer.null()
        }
        writer.endObject()
    }
}
