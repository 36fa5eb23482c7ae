// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
package import NeedleTypes

/// Gives a node another DNS label, which it keeps whatever its client calls itself.
package struct RenameNode: Command {
    let node: NodeID
    let newName: String

    package init(node: NodeID, newName: String) {
        self.node = node
        self.newName = newName
    }

    package func apply(to transaction: inout Transaction) throws(ModelError) -> NodeVersion {
        let node = try transaction.existingNode(node)
        if let problem = NodeName.problem(with: newName) { throw ModelError(.invalid, problem) }
        if let other = transaction.tailnet.node(named: newName), other.record.id != node.record.id {
            throw ModelError(.conflict, "node \(other.record.id) has the name '\(newName)' already")
        }
        var record = node.record
        record.givenName = newName
        record.isRenamed = true
        transaction.replaceNode(node, with: record, changes: .whole, .durable)
        return try transaction.existingNode(record.id)
    }
}

/// Sets when a node's key expires, or that it never does.
package struct ExpireNode: Command {
    let node: NodeID
    let expiry: Timestamp?

    /// `expiry` nil means never.
    package init(node: NodeID, expiry: Timestamp?) {
        self.node = node
        self.expiry = expiry
    }

    package func apply(to transaction: inout Transaction) throws(ModelError) -> NodeVersion {
        let node = try transaction.existingNode(node)
        transaction.setExpiry(of: node, to: expiry)
        return try transaction.existingNode(node.record.id)
    }
}

/// Deletes a node: its peers forget it, its stream ends, its addresses are free.
package struct DeleteNode: Command {
    let node: NodeID

    package init(node: NodeID) {
        self.node = node
    }

    package func apply(to transaction: inout Transaction) throws(ModelError) -> NodeVersion {
        let node = try transaction.existingNode(node)
        transaction.removeNode(node)
        return node
    }
}

/// Replaces a node's tags; a node with tags has no user.
package struct TagNode: Command {
    let node: NodeID
    let tags: [String]

    package init(node: NodeID, tags: [String]) {
        self.node = node
        self.tags = tags
    }

    package func apply(to transaction: inout Transaction) throws(ModelError) -> NodeVersion {
        let node = try transaction.existingNode(node)
        let tags = try NodeTags.checked(tags)
        guard !tags.isEmpty else {
            throw ModelError(
                .invalid,
                "a node's tags cannot be taken away, since nobody would own it; give at least one tag:NAME"
            )
        }
        let policy = transaction.tailnet.policy.policy
        if let tag = tags.first(where: { !policy.knows(tag: $0) }) {
            let hint = policy.nearestTag(to: tag).map { "; did you mean \($0)?" } ?? ""
            throw ModelError(.invalid, "the policy has no owner for \(tag): add it to tagOwners first\(hint)")
        }
        var record = node.record
        record.tags = tags
        record.user = nil
        record.expiry = nil
        var status = node.status
        status.isExpired = false
        transaction.replaceNode(node, with: record, status: status, changes: .whole, .durable)
        return try transaction.existingNode(record.id)
    }
}

extension Transaction {
    func existingNode(_ id: NodeID) throws(ModelError) -> NodeVersion {
        guard let node = tailnet.node(id) else { throw .noNode(id) }
        return node
    }

    /// Peers get the whole node when it becomes or ceases to be expired, else a patch.
    mutating func setExpiry(of node: NodeVersion, to expiry: Timestamp?) {
        var record = node.record
        record.expiry = expiry
        var status = node.status
        status.isExpired = record.isExpired(at: now)
        let changes: NodeChange = status.isExpired == node.isExpired ? .expiry : [.whole, .expiry]
        replaceNode(node, with: record, status: status, changes: changes, .durable)
    }
}
