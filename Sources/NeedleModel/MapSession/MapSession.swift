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
    private var told: ClientKnowledge?

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

    /// Where the viewer is in the node table; nil before the first message.
    package var slot: NodeSlot? { told?.node.slot }

    /// Takes note that nothing up to `revision` concerned the client, so that it need not be looked for; see
    /// ``RecentChanges/viewers(since:)``.
    package mutating func skip(to revision: Revision) {
        told?.skip(to: revision)
    }

    /// Brings the client up to `tailnet`, and says what has to be sent for that.
    ///
    /// The session takes for granted that what it returns is sent, or the stream ended.
    ///
    /// - Complexity: O(slots / 64) when nothing concerns the viewer; else O(changed peers) for a session that is at
    ///   most ``RecentChanges`` behind, and O(peers) otherwise.
    package mutating func step(to snapshot: TailnetSnapshot, _ findings: inout SharedFindings) -> Step {
        let revision = snapshot.tailnet.revision
        guard let node = currentNode(in: snapshot.tailnet) else { return .finish(farewell(in: snapshot)) }
        guard node.streamGeneration == generation else { return .finish(nil) }
        guard let known = told?.revision else { return .send(startOver(node, snapshot, &findings)) }
        if known >= revision { return .none }
        if revision.value - known.value > SlotVacancies.restRevisions {
            return resynchronise(node, snapshot, &findings)
        }
        return advance(node, snapshot, &findings)
    }

    /// The same, for a session by itself.
    package mutating func step(to snapshot: TailnetSnapshot) -> Step {
        var findings = SharedFindings.forgetful
        return step(to: snapshot, &findings)
    }

    /// The viewer, by the slot where it was last seen if it is still there: an array access in place of a hash look-up.
    private func currentNode(in tailnet: Tailnet) -> NodeVersion? {
        if let slot = told?.node.slot, let node = tailnet.nodes[slot], node.record.id == viewer { return node }
        return tailnet.node(viewer)
    }

    // MARK: - From nothing

    private mutating func startOver(
        _ node: NodeVersion,
        _ snapshot: TailnetSnapshot,
        _ findings: inout SharedFindings
    ) -> MapDifference {
        let policy = ViewerPolicy(for: node, in: snapshot.tailnet, &findings)
        told = ClientKnowledge(everythingFor: node, told: policy, in: snapshot.tailnet)
        return MapDifference(everythingFor: node, policy, in: snapshot)
    }

    /// The client is so far behind that removed peers can no longer be named: its whole list is replaced.
    private mutating func resynchronise(
        _ node: NodeVersion,
        _ snapshot: TailnetSnapshot,
        _ findings: inout SharedFindings
    ) -> Step {
        var peers = snapshot.tailnet.view(of: node).peers
        peers.remove(node.slot)
        // An empty list replaces nothing (reference 3.5), so the client has to come again.
        if peers.isEmpty { return .finish(nil) }
        return .send(startOver(node, snapshot, &findings))
    }

    /// A deleted node is told that its key has expired, since its client would otherwise retry for ever
    /// (reference 3.9).
    private func farewell(in snapshot: TailnetSnapshot) -> MapDifference? {
        guard let told else { return nil }
        return MapDifference(snapshot: snapshot, viewer: told.node, view: told.view, kind: .farewell)
    }

    // MARK: - From an earlier revision

    private mutating func advance(
        _ node: NodeVersion,
        _ snapshot: TailnetSnapshot,
        _ findings: inout SharedFindings
    ) -> Step {
        guard var told = told.take() else { return .none }
        let since = told.revision
        let before = told.view
        let ownChanges = node.revisions.changes(since: since)
        let policy = told.advance(to: snapshot.tailnet, as: node, &findings)
        var changes = MapDifference.Changes(
            tellsSelf: policy.tellsSelf || !ownChanges.isDisjoint(with: .ofInterestToItself),
            tellsDERPMap: snapshot.tailnet.derpMapChanged > since,
            tellsDNS: snapshot.tailnet.dnsChanged > since || policy.tellsDNS,
            filter: policy.filter,
            ssh: policy.ssh
        )
        let comparison = PeerComparison(
            since: since,
            before: before,
            after: told.view,
            viewer: node,
            ownChanges: ownChanges
        )
        comparison.run(in: snapshot.tailnet, &findings, routers: &told.routers, changes: &changes)
        self.told = told
        if changes.isEmpty { return .none }
        return .send(MapDifference(snapshot: snapshot, viewer: node, view: told.view, kind: .delta(changes)))
    }
}
