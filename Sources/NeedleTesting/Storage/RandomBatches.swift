// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleModel
package import NeedleTypes

/// Makes batches as a busy tailnet would, the same for the same seed: owners are always there, ids are never reused.
package struct RandomBatches: Sendable {
    private var random: SeededRandom
    private let tailnet: TailnetID
    private var stored = StoredTailnet()

    /// Batches for an empty tailnet.
    package init(tailnet: TailnetID = TailnetID(1), seed: UInt64) {
        self.tailnet = tailnet
        random = SeededRandom(seed: seed)
    }

    /// What the tailnet is after all batches so far.
    package var expected: StoredTailnet { stored }

    /// The next batch, with up to `changesMax` changes.
    package mutating func next(changesMax: Int = 12) -> StoreBatch {
        var batch = StoreBatch(tailnet: tailnet)
        for _ in 0..<Int.random(in: 1...changesMax, using: &random) { addChange(to: &batch) }
        stored.apply(batch)
        return batch
    }

    private mutating func addChange(to batch: inout StoreBatch) {
        switch Int.random(in: 0..<14, using: &random) {
        case 0: deleteNode(in: &batch)
        case 1: deleteUser(in: &batch)
        case 2...3: putUser(in: &batch)
        case 4...5: putKey(in: &batch)
        case 6: putPolicy(in: &batch)
        case 7: deletePolicy(in: &batch)
        case 8...9: putSoftState(in: &batch)
        default: putNode(in: &batch)
        }
    }

    private mutating func putUser(in batch: inout StoreBatch) {
        var user = StoreSamples.user(newOrOld(stored.users.map(\.id.value), last: stored.lastUserID.value))
        user.role = UserRole.allCases.randomElement(using: &random) ?? .member
        user.displayName = StoreSamples.texts.randomElement(using: &random) ?? ""
        guard !batch.users.contains(where: { $0.id == user.id }), !batch.deletedUsers.contains(user.id) else { return }
        batch.users.append(user)
    }

    private mutating func putKey(in batch: inout StoreBatch) {
        let id = newOrOld(stored.preAuthKeys.map(\.id.value), last: stored.lastPreAuthKeyID.value)
        var key = StoreSamples.preAuthKey(id, user: owner(except: batch.deletedUsers))
        key.isUsed = Bool.random(using: &random)
        key.expiration = StoreSamples.times.randomElement(using: &random)
        guard !batch.preAuthKeys.contains(where: { $0.id == key.id }), !batch.deletedPreAuthKeys.contains(key.id) else {
            return
        }
        batch.preAuthKeys.append(key)
    }

    private mutating func putNode(in batch: inout StoreBatch) {
        let id = newOrOld(stored.nodes.map(\.id.value), last: stored.lastNodeID.value)
        var node = StoreSamples.node(id, user: owner(except: batch.deletedUsers))
        node.givenName = StoreSamples.texts.randomElement(using: &random) ?? ""
        node.approvedRoutes = routes.filter { _ in Bool.random(using: &random) }
        changeSoftState(of: &node)
        guard !batch.nodes.contains(where: { $0.id == node.id }), !batch.deletedNodes.contains(node.id) else { return }
        batch.softNodes.removeAll { $0.id == node.id }
        batch.nodes.append(node)
    }

    /// Of a node that is stored, or of one that is not.
    private mutating func putSoftState(in batch: inout StoreBatch) {
        var node = StoreSamples.node(newOrOld(stored.nodes.map(\.id.value), last: stored.lastNodeID.value))
        changeSoftState(of: &node)
        let isTaken = batch.nodes.contains { $0.id == node.id } || batch.softNodes.contains { $0.id == node.id }
        if !isTaken { batch.softNodes.append(StoreBatch.SoftNode(node)) }
    }

    private mutating func changeSoftState(of node: inout NodeRecord) {
        node.soft.homeDERP = Int.random(in: 0...999, using: &random)
        node.soft.lastSeen = StoreSamples.times.randomElement(using: &random)
        node.soft.endpoints.shuffle(using: &random)
    }

    private let routes = ["0.0.0.0/0", "10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32", "::/0"]
        .compactMap { IPPrefix(text: $0) }

    /// A new version; those that are there do not change.
    private mutating func putPolicy(in batch: inout StoreBatch) {
        let last = max(stored.lastPolicyVersionID.value, batch.policies.last?.version.id.value ?? 0)
        let id = last + Int64.random(in: 1...3, using: &random)
        let text = StoreSamples.texts.randomElement(using: &random) ?? ""
        batch.policies.append(StoreSamples.policy(id, text: text))
    }

    /// The oldest version, unless it is the newest too.
    private mutating func deletePolicy(in batch: inout StoreBatch) {
        guard stored.policyVersions.count > 1, let oldest = stored.policyVersions.first?.id,
            !batch.deletedPolicies.contains(oldest)
        else { return }
        batch.deletedPolicies.append(oldest)
    }

    private mutating func deleteNode(in batch: inout StoreBatch) {
        guard let node = stored.nodes.randomElement(using: &random)?.id,
            !batch.deletedNodes.contains(node), !batch.nodes.contains(where: { $0.id == node })
        else { return }
        batch.deletedNodes.append(node)
    }

    /// Deletes a user with all nodes and keys, unless the batch gives the user new ones.
    private mutating func deleteUser(in batch: inout StoreBatch) {
        guard let user = stored.users.randomElement(using: &random)?.id, !batch.deletedUsers.contains(user),
            !batch.users.contains(where: { $0.id == user }), !batch.nodes.contains(where: { $0.user == user }),
            !batch.preAuthKeys.contains(where: { $0.user == user })
        else { return }
        let keys = stored.preAuthKeys.filter { $0.user == user }.map(\.id)
        let nodes = stored.nodes.filter { $0.user == user }.map(\.id)
        let isChanging =
            batch.nodes.contains { nodes.contains($0.id) } || batch.preAuthKeys.contains { keys.contains($0.id) }
        if isChanging { return }
        batch.deletedUsers.append(user)
        batch.deletedPreAuthKeys += keys.filter { !batch.deletedPreAuthKeys.contains($0) }
        batch.deletedNodes += nodes.filter { !batch.deletedNodes.contains($0) }
    }

    private mutating func newOrOld(_ ids: [Int64], last: Int64) -> Int64 {
        guard Bool.random(using: &random), let old = ids.randomElement(using: &random) else {
            return last + Int64.random(in: 1...3, using: &random)
        }
        return old
    }

    private mutating func owner(except deleted: [UserID]) -> Int64? {
        guard Bool.random(using: &random), let user = stored.users.randomElement(using: &random)?.id else { return nil }
        return deleted.contains(user) ? nil : user.value
    }
}
