// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
package import NeedleTypes

/// What one client, on one streaming map request, has been told; and what it must be told next.
///
/// A session queues nothing. Whenever its stream can take a message, it compares what the client knows with a snapshot
/// and the difference is sent, so a slow client costs one difference and a lost wake-up heals at the next.
///
/// ```
/// opened ── step ──▶ full map ── step ──▶ differences … ──▶ finish: superseded, or the node is deleted
/// ```
package struct MapSession: Sendable {
    /// The node whose client this is.
    package let viewer: NodeID
    /// The number of this stream; a node with a larger one has a newer stream.
    package let generation: UInt64
    private var told: Told?

    /// What the client knows.
    ///
    /// The peer set shares its storage with the snapshot's.
    private struct Told {
        var revision: Revision
        var visibilityClass: Int
        var peers: NodeSet
        var filterChunks: [String]
        var node: NodeVersion
    }

    /// What to do next.
    package enum Step: Sendable {
        /// The client knows everything that it must know.
        case none
        /// Send this.
        case send(MapDifference)
        /// Send this, if there is anything, and end the stream.
        case finish(MapDifference?)
    }

    /// The session of a stream that has just been opened.
    package init(viewer: NodeID, generation: UInt64) {
        self.viewer = viewer
        self.generation = generation
    }

    /// Up to which revision the client has been told; nil before the first message.
    package var revision: Revision? { told?.revision }

    /// Brings the client up to `tailnet`, and says what has to be sent for that.
    ///
    /// The session takes for granted that what it returns is sent, or the stream ended.
    ///
    /// - Complexity: O(slots / 64) when nothing concerns the viewer; else O(changed peers) for a session that is at
    ///   most ``RecentChanges`` behind, and O(peers) otherwise.
    package mutating func step(to tailnet: Tailnet) -> Step {
        guard let node = currentNode(in: tailnet) else { return .finish(farewell(in: tailnet)) }
        guard node.streamGeneration == generation else { return .finish(nil) }
        guard let told else {
            return .send(startOver(node, tailnet))
        }
        if told.revision == tailnet.revision { return .none }
        if tailnet.revision.value - told.revision.value > SlotVacancies.restRevisions {
            return resynchronise(node, tailnet)
        }
        return advance(told, node, tailnet)
    }

    /// The viewer, by the slot where it was last seen if it is still there: an array access in place of a hash look-up.
    private func currentNode(in tailnet: Tailnet) -> NodeVersion? {
        if let slot = told?.node.slot, let node = tailnet.nodes[slot], node.record.id == viewer { return node }
        return tailnet.node(viewer)
    }

    // MARK: - From nothing

    private mutating func startOver(_ node: NodeVersion, _ tailnet: Tailnet) -> MapDifference {
        let view = tailnet.view(of: node)
        let chunks = tailnet.filterChunks(for: node)
        told = Told(
            revision: tailnet.revision,
            visibilityClass: view.visibilityClass,
            peers: view.peers,
            filterChunks: chunks.map(\.name),
            node: node
        )
        var peers = view.peers
        peers.remove(node.slot)
        return MapDifference(tailnet: tailnet, viewer: node, view: view, kind: .full(peers: peers, chunks: chunks))
    }

    /// The client is so far behind that removed peers can no longer be named: its whole list is replaced.
    private mutating func resynchronise(_ node: NodeVersion, _ tailnet: Tailnet) -> Step {
        var peers = tailnet.view(of: node).peers
        peers.remove(node.slot)
        // An empty list replaces nothing (reference 3.5), so the client has to come again.
        if peers.isEmpty { return .finish(nil) }
        return .send(startOver(node, tailnet))
    }

    /// A deleted node is told that its key has expired, since its client would otherwise retry for ever
    /// (reference 3.9).
    private func farewell(in tailnet: Tailnet) -> MapDifference? {
        guard let told else { return nil }
        return MapDifference(
            tailnet: tailnet,
            viewer: told.node,
            view: AccessView(visibilityClass: told.visibilityClass, peers: NodeSet()),
            kind: .farewell
        )
    }

    // MARK: - From an earlier revision

    private mutating func advance(_ told: Told, _ node: NodeVersion, _ tailnet: Tailnet) -> Step {
        let view = tailnet.view(of: node)
        let delta = Delta(told: told, node: node, view: view, tailnet: tailnet)
        self.told?.revision = tailnet.revision
        self.told?.visibilityClass = view.visibilityClass
        self.told?.peers = view.peers
        self.told?.node = node
        guard let changes = delta.changes else { return .none }
        if let chunks = changes.filterChunks {
            self.told?.filterChunks = chunks.all.map(\.name)
        }
        return .send(MapDifference(tailnet: tailnet, viewer: node, view: view, kind: .delta(changes)))
    }

    /// Compares what was told with what is.
    private struct Delta {
        let told: Told
        let node: NodeVersion
        let view: AccessView
        let tailnet: Tailnet

        /// What has to be sent, or nil if that is nothing.
        var changes: MapDifference.Changes? {
            let revision = told.revision
            let ownChanges = node.revisions.changes(since: revision)
            var changes = MapDifference.Changes(
                since: revision,
                isShareable: told.visibilityClass == view.visibilityClass,
                tellsSelf: !ownChanges.isDisjoint(with: .ofInterestToItself),
                tellsDERPMap: tailnet.derpMapChanged > revision,
                tellsDNS: tailnet.dnsChanged > revision,
                filterChunks: filterChunks
            )
            findPeers(&changes)
            return changes.isEmpty ? nil : changes
        }

        private var filterChunks: MapDifference.FilterChange? {
            let chunks = tailnet.filterChunks(for: node)
            let changed = chunks.filter { $0.changed > told.revision || !told.filterChunks.contains($0.name) }
            let removed = told.filterChunks.filter { name in !chunks.contains { $0.name == name } }
            if changed.isEmpty, removed.isEmpty { return nil }
            return MapDifference.FilterChange(all: chunks, changed: changed, removed: removed)
        }

        private func findPeers(_ changes: inout MapDifference.Changes) {
            let concerned = told.peers.union(view.peers)
            let candidates: NodeSet
            if told.visibilityClass == view.visibilityClass,
                let recent = tailnet.recentChanges.nodes(since: told.revision)
            {
                // Within a class the visible set can only have changed by nodes that changed, came or went.
                candidates = recent
                if candidates.isDisjoint(with: concerned) { return }
            } else {
                candidates = concerned
            }
            for slot in candidates.intersection(concerned) where slot != node.slot {
                compare(slot, &changes)
            }
        }

        private func compare(_ slot: NodeSlot, _ changes: inout MapDifference.Changes) {
            guard view.peers.contains(slot), let peer = tailnet.nodes[slot] else {
                if told.peers.contains(slot),
                    let id = tailnet.nodes[slot]?.record.id ?? tailnet.nodes.formerNode(at: slot)
                {
                    changes.removed.append(id)
                }
                return
            }
            guard told.peers.contains(slot) else {
                changes.whole.insert(slot)
                return
            }
            let change = peer.revisions.changes(since: told.revision)
            if change.contains(.whole) {
                changes.whole.insert(slot)
            } else if !change.isEmpty {
                changes.patched.append(MapDifference.Patch(slot: slot, change: change))
            }
        }
    }
}
