// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// Finds what a client has to be told of its peers since an earlier revision.
struct PeerComparison {
    let since: Revision
    /// What the client could see then, and what it may see now.
    let before: AccessView
    let after: AccessView
    let viewer: NodeVersion
    /// What of the viewer itself has changed since.
    let ownChanges: NodeChange

    /// Adds to `changes` what has to be sent, and keeps `routers`, what was told of each router, up with it.
    ///
    /// Within a class the visible set can only have changed by nodes that changed, came or went, and nearly every
    /// comparison is of that kind: it allocates nothing.
    ///
    /// - Complexity: O(slots / 64) and the candidates, if the changes since are remembered; else O(peers).
    func run(
        in tailnet: Tailnet,
        _ findings: inout SharedFindings,
        routers: inout [NodeSlot: Int],
        changes: inout MapDifference.Changes
    ) {
        let recent = findings.changedNodes(since: since, in: tailnet)
        // Whoever serves a route is told of its primary, so that the viewer's own routes count for all routers.
        let looksAtRouters = !before.isSameClass(as: after) || !ownChanges.isDisjoint(with: [.whole, .routes])
        if let recent, !looksAtRouters {
            return recent.forEach(inEither: before.peers, or: after.peers) { slot in
                compare(slot, in: tailnet, routers: &routers, changes: &changes)
            }
        }
        for slot in candidates(recent, in: tailnet) { compare(slot, in: tailnet, routers: &routers, changes: &changes) }
    }

    /// Peers, former or present, of which something may have to be told.
    ///
    /// For another class, or under another policy, they are those who are in one of the sets alone, and routers, whose
    /// routes may be told otherwise.
    private func candidates(_ recent: NodeSet?, in tailnet: Tailnet) -> NodeSet {
        let concerned = before.peers.union(after.peers)
        guard let recent else { return concerned }
        var candidates = recent.intersection(concerned)
        if !before.isSameClass(as: after) { candidates.formUnion(before.peers.symmetricDifference(after.peers)) }
        for slot in tailnet.nodes.routers(in: concerned) { candidates.insert(slot) }
        return candidates
    }

    private func compare(
        _ slot: NodeSlot,
        in tailnet: Tailnet,
        routers: inout [NodeSlot: Int],
        changes: inout MapDifference.Changes
    ) {
        guard slot != viewer.slot else { return }
        guard after.peers.contains(slot), let peer = tailnet.nodes[slot] else {
            if !routers.isEmpty { routers[slot] = nil }
            if before.peers.contains(slot),
                let id = tailnet.nodes[slot]?.record.id ?? tailnet.nodes.formerNode(at: slot)
            {
                changes.removed.append(id)
            }
            return
        }
        let change = peer.revisions.changes(since: since)
        var isOther = !before.peers.contains(slot) || change.contains(.whole)
        if peer.isRouter {
            let view = RouterView(of: peer, for: viewer, in: tailnet)
            if routers.updateValue(view.version, forKey: slot) != view.version { isOther = true }
            if isOther { changes.routers.append(view) }
        } else if !routers.isEmpty {
            routers[slot] = nil
        }
        let patch = change.subtracting([.whole, .routes])
        if isOther {
            changes.whole.append(slot)
        } else if !patch.isEmpty {
            changes.patched.append(MapDifference.Patch(slot: slot, change: patch))
        }
    }
}
