// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Begins a map stream: the node is online, and any earlier stream of it is superseded.
package struct OpenMapStream: Command {
    let node: NodeID
    let update: NodeUpdate

    package init(node: NodeID, update: NodeUpdate) {
        self.node = node
        self.update = update
    }

    /// The reply is the stream's generation; a stream whose node has a larger one must end.
    package func apply(to transaction: inout Transaction) throws(ModelError) -> UInt64 {
        let node = try transaction.existingNode(node)
        var status = node.status
        status.streamGeneration += 1
        status.isStreaming = true
        status.isOnline = true
        transaction.merge(update, into: node, status: status)
        return status.streamGeneration
    }
}

/// Ends a map stream; unless another takes its place within the grace period, others are told.
package struct CloseMapStream: Command {
    let node: NodeID
    let generation: UInt64

    package init(node: NodeID, generation: UInt64) {
        self.node = node
        self.generation = generation
    }

    package func apply(to transaction: inout Transaction) throws(ModelError) {
        guard let node = transaction.tailnet.node(node), node.streamGeneration == generation, node.isStreaming else {
            // Deleted, superseded or closed before: nothing is left to do.
            return
        }
        var record = node.record
        record.soft.lastSeen = transaction.now
        var status = node.status
        status.isStreaming = false
        transaction.replaceNode(node, with: record, status: status, changes: [], .soft)
        transaction.schedule(.offline, for: record.id, at: transaction.now + transaction.tailnet.settings.offlineGrace)
        if record.isEphemeral { transaction.scheduleEphemeralCheck(of: record.id) }
    }
}
