// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleModel
internal import NeedleTypes

extension StoredTailnet {
    /// Carries `batch` out in memory: the plainest form of what every store does.
    ///
    /// Only the newest policy's text is here, so that one may only be deleted together with all older ones.
    package mutating func apply(_ batch: StoreBatch) {
        users.removeAll { batch.deletedUsers.contains($0.id) }
        preAuthKeys.removeAll { batch.deletedPreAuthKeys.contains($0.id) }
        nodes.removeAll { batch.deletedNodes.contains($0.id) }
        for user in batch.users { Self.put(user, in: &users, by: \.id) }
        for key in batch.preAuthKeys { Self.put(key, in: &preAuthKeys, by: \.id) }
        for node in batch.nodes { Self.put(node, in: &nodes, by: \.id) }
        for node in batch.softNodes {
            if let place = nodes.firstIndex(where: { $0.id == node.id }) { nodes[place].soft = node.soft }
        }
        applyPolicies(of: batch)
        lastUserID = (batch.users.map(\.id) + batch.deletedUsers + [lastUserID]).max() ?? lastUserID
        lastPreAuthKeyID =
            (batch.preAuthKeys.map(\.id) + batch.deletedPreAuthKeys + [lastPreAuthKeyID]).max() ?? lastPreAuthKeyID
        lastNodeID = (batch.nodes.map(\.id) + batch.deletedNodes + [lastNodeID]).max() ?? lastNodeID
    }

    private mutating func applyPolicies(of batch: StoreBatch) {
        policyVersions.removeAll { batch.deletedPolicies.contains($0.id) }
        for policy in batch.policies {
            Self.put(policy.version, in: &policyVersions, by: \.id)
            if policyVersions.last == policy.version { policyText = policy.text }
        }
        if policyVersions.isEmpty { policyText = nil }
        lastPolicyVersionID =
            (batch.policies.map(\.version.id) + batch.deletedPolicies + [lastPolicyVersionID]).max()
            ?? lastPolicyVersionID
    }

    /// A key or node whose owner is not there, as text, if there is one.
    package var orphan: String? {
        let owners = Set(users.map(\.id))
        if let key = preAuthKeys.first(where: { $0.user.map { !owners.contains($0) } ?? false }) {
            return "pre-auth key \(key.id)"
        }
        return nodes.first { $0.user.map { !owners.contains($0) } ?? false }.map { "node \($0.id)" }
    }

    /// Keeps `records` sorted by rising id.
    private static func put<Record, ID: Comparable>(
        _ record: Record,
        in records: inout [Record],
        by id: KeyPath<Record, ID>
    ) {
        let place = records.firstIndex { $0[keyPath: id] >= record[keyPath: id] } ?? records.endIndex
        if place < records.endIndex, records[place][keyPath: id] == record[keyPath: id] {
            records[place] = record
        } else {
            records.insert(record, at: place)
        }
    }
}
