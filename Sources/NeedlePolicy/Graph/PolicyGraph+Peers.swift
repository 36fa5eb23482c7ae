// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

extension PolicyGraph {
    /// The nodes that the node at `slot` may see, without itself.
    ///
    /// - Complexity: O(selectors of the node × nodes / 64).
    package func peers(of slot: NodeSlot) -> NodeSet {
        var result = classPeers(of: slot)
        result.remove(slot)
        return result
    }

    /// The nodes that all nodes of the class of the node at `slot` may see; holds the class's own nodes if they may see
    /// each other.
    ///
    /// - Complexity: O(selectors of the node × nodes / 64).
    package func classPeers(of slot: NodeSlot) -> NodeSet {
        guard let node = node(slot) else { return NodeSet() }
        let kind = nodeClass(node)
        var result = NodeSet()
        for id in kind.selectors {
            result.formUnion(reaches[Int(id)])
            result.formUnion(reachedFrom[Int(id)])
        }
        result.formUnion(ownPeers(of: node, kind))
        return result
    }

    /// What edges to `autogroup:self` add; may hold the node itself.
    private func ownPeers(of node: Node, _ kind: NodeClass) -> NodeSet {
        guard !selfSources.isEmpty, !node.facts.isTagged, let user = node.facts.user, let own = ownNodes[user.id] else {
            return NodeSet()
        }
        return kind.isSelfSource ? own : own.intersection(selfSources)
    }

    /// Nodes with the same number see the same peers, but for themselves.
    package func visibilityClass(of slot: NodeSlot) -> VisibilityClass? {
        guard let node = node(slot) else { return nil }
        let owner = compiled.selfEdges.isEmpty || node.facts.isTagged ? nil : node.facts.user?.id
        return VisibilityClass(classID: node.classID, owner: owner)
    }
}
