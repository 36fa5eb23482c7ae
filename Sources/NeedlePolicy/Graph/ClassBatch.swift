// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// New nodes, gathered by class.
struct ClassBatch {
    /// The nodes of one class, and the sum of their hashes.
    struct Group {
        var nodes = NodeSet()
        var hash: UInt64 = 0
    }

    /// By class.
    private(set) var groups: [Group] = []

    mutating func add(_ node: PolicyGraph.Node) {
        if groups.count <= node.classID {
            groups.append(contentsOf: repeatElement(Group(), count: node.classID + 1 - groups.count))
        }
        groups[node.classID].nodes.insert(node.facts.slot)
        groups[node.classID].hash &+= node.hash
    }
}
