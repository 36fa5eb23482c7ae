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
    func run(in tailnet: Tailnet, routers: inout [NodeSlot: Int], changes: inout MapDifference.Changes) {
        guard let candidates = candidates(in: tailnet) else { return }
        for slot in candidates where slot != viewer.slot {
            compare(slot, in: tailnet, routers: &routers, changes: &changes)
        }
    }

    /// Peers, former or present, of which something may have to be told; nil for none.
    ///
    /// Within a class the visible set can only have changed by nodes that changed, came or went. For another class, or
    /// under another policy, it is who is in one of the sets alone, and routers, whose routes may be told otherwise.
    ///
    /// - Complexity: O(slots / 64) and the candidates, if the changes since are remembered; else O(peers).
    private func candidates(in tailnet: Tailnet) -> NodeSet? {
        guard let recent = tailnet.recentChanges.nodes(since: since) else { return before.peers.union(after.peers) }
        guard before.isSameClass(as: after) else {
            let concerned = before.peers.union(after.peers)
            var candidates = before.peers.symmetricDifference(after.peers)
            candidates.formUnion(recent.intersection(concerned))
            for slot in tailnet.nodes.routers(in: concerned) { candidates.insert(slot) }
            return candidates
        }
        let isOtherRouter = !ownChanges.isDisjoint(with: [.whole, .routes])
        if recent.isDisjoint(with: before.peers), recent.isDisjoint(with: after.peers), !isOtherRouter { return nil }
        let concerned = before.peers.union(after.peers)
        var candidates = recent.intersection(concerned)
        // Whoever serves a route is told of its primary, so that the viewer's own routes count for all routers.
        if isOtherRouter {
            for slot in tailnet.nodes.routers(in: concerned) { candidates.insert(slot) }
        }
        return candidates
    }

    private func compare(
        _ slot: NodeSlot,
        in tailnet: Tailnet,
        routers: inout [NodeSlot: Int],
        changes: inout MapDifference.Changes
    ) {
        guard after.peers.contains(slot), let peer = tailnet.nodes[slot] else {
            routers[slot] = nil
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
        } else {
            routers[slot] = nil
        }
        let patch = change.subtracting([.whole, .routes])
        if isOther {
            changes.whole.insert(slot)
        } else if !patch.isEmpty {
            changes.patched.append(MapDifference.Patch(slot: slot, change: patch))
        }
    }
}
