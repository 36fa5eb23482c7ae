// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

extension PolicyGraph {
    /// The nodes that the node at `slot` may see, without itself.
    ///
    /// - Complexity: O(nodes / 64).
    package func peers(of slot: NodeSlot) -> NodeSet {
        var result = classPeers(of: slot)
        result.remove(slot)
        return result
    }

    /// The nodes that all nodes of the class of the node at `slot` may see; holds the class's own nodes if they may see
    /// each other.
    ///
    /// - Complexity: O(nodes / 64).
    package func classPeers(of slot: NodeSlot) -> NodeSet {
        guard let node = node(slot) else { return NodeSet() }
        var result = peerTable.peers(of: node.classID)
        addOwnPeers(of: node, to: &result)
        return result
    }

    /// What edges to `autogroup:self` add; may hold the node itself.
    private func addOwnPeers(of node: Node, to result: inout NodeSet) {
        guard !selfSources.isEmpty, !node.facts.isTagged, let user = node.facts.user else { return }
        let isSource = nodeClass(node).isSelfSource
        for slot in ownNodes.slots(of: user.id) where isSource || selfSources.contains(slot) { result.insert(slot) }
    }

    /// Nodes with the same number see the same peers, but for themselves.
    package func visibilityClass(of slot: NodeSlot) -> VisibilityClass? {
        guard let node = node(slot) else { return nil }
        let owner = compiled.selfEdges.isEmpty || node.facts.isTagged ? nil : node.facts.user?.id
        return VisibilityClass(classID: node.classID, owner: owner)
    }
}
