// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Nodes that are of one class before and of one class after.
struct JointClass {
    /// One of them, which stands for all; either all are tagged or none is.
    let first: NodeSlot
    let isTagged: Bool
    private(set) var nodes: NodeSet

    private struct Key: Hashable {
        let old: Int?
        let new: Int?
        let oldReach: [IPPrefix]
        let newReach: [IPPrefix]
        let exits: [Bool?]
        let isTagged: Bool
    }

    /// The nodes of both graphs, class by class; routers stand alone with those that serve the same.
    ///
    /// - Complexity: O(nodes).
    static func all(_ old: PolicyGraph, _ new: PolicyGraph) -> [JointClass] {
        var places: [Key: Int] = [:]
        var result: [JointClass] = []
        for slot in old.everyone.union(new.everyone) {
            let before = old.node(slot)
            let after = new.node(slot)
            let key = Key(
                old: before?.classID,
                new: after?.classID,
                oldReach: before?.reach.subnets ?? [],
                newReach: after?.reach.subnets ?? [],
                exits: [before?.reach.isExitNode, after?.reach.isExitNode],
                isTagged: (after ?? before)?.facts.isTagged ?? false
            )
            if let place = places[key] {
                result[place].nodes.insert(slot)
            } else {
                places[key] = result.count
                result.append(JointClass(first: slot, isTagged: key.isTagged, nodes: [slot]))
            }
        }
        return result
    }
}
