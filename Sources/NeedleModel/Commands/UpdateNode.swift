// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Takes note of what a client reports about itself (a lite update).
package struct UpdateNode: Command {
    let node: NodeID
    let update: NodeUpdate

    package init(node: NodeID, update: NodeUpdate) {
        self.node = node
        self.update = update
    }

    package func apply(to transaction: inout Transaction) throws(ModelError) {
        let node = try transaction.existingNode(node)
        transaction.merge(update, into: node, status: node.status)
    }
}

extension Transaction {
    /// Replaces `node` by what `update` and `status` make of it; nothing happens when that is the same.
    mutating func merge(_ update: NodeUpdate, into node: NodeVersion, status: NodeVersion.Status) {
        var record = node.record
        var changes = update.merge(into: &record, self)
        if status.isOnline != node.isOnline { changes.insert(.online) }
        let isKept = record.soft.hostinfo != node.record.soft.hostinfo || !changes.isEmpty
        guard isKept || status.streamGeneration != node.streamGeneration || status.isStreaming != node.isStreaming
        else { return }
        let durability: Durability = record.givenName != node.record.givenName ? .durable : isKept ? .soft : .none
        replaceNode(node, with: record, status: status, changes: changes, durability)
    }
}
