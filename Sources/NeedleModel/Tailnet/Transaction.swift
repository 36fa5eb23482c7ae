// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HashTreeCollections
internal import NeedlePolicy
package import NeedleTypes

/// A batch of commands in the making.
package struct Transaction: Sendable {
    /// The state so far.
    package internal(set) var tailnet: Tailnet
    /// When this batch happens.
    package let now: Timestamp
    var random: any RandomNumberGenerator & Sendable
    /// The revision that the batch will have.
    let revision: Revision
    private(set) var timers: [TailnetTimer] = []
    /// What was due and has been done in this batch.
    var fired: [TailnetTimer] = []

    /// New versions of the policy, and those that are no longer kept.
    var newPolicies: [StoredPolicy] = []
    var deletedPolicies: [PolicyVersionID] = []

    /// Whether any node was replaced, also if nobody is told and nothing is written: a stream finds its own generation
    /// in the snapshot.
    private var touchesNodes = false
    private var changedNodes = NodeSet()
    private var concerned = ConcernedViewers()
    private var haste = Haste.whenever
    private var changedUsers: Set<UserID> = []
    private var changedPreAuthKeys: Set<PreAuthKeyID> = []
    /// Nodes that must be written before anything is answered.
    private(set) var durableNodes: Set<NodeID> = []
    /// Nodes whose soft state may be written later.
    private(set) var softNodes: Set<NodeID> = []

    init(tailnet: Tailnet, now: Timestamp, random: any RandomNumberGenerator & Sendable) {
        self.tailnet = tailnet
        self.now = now
        self.random = random
        revision = tailnet.revision.next
    }

    /// Carries out one command; if it throws, the batch is as it was before.
    package mutating func run<C: Command>(_ command: C) -> Result<C.Reply, ModelError> {
        let before = tailnet
        do throws(ModelError) {
            return .success(try command.apply(to: &self))
        } catch {
            tailnet = before
            return .failure(error)
        }
    }

    /// Whether anything happened that readers could see.
    package var hasChanges: Bool {
        touchesNodes || !changedNodes.isEmpty || !changedUsers.isEmpty || !changedPreAuthKeys.isEmpty
            || tailnet.derpMapChanged == revision || tailnet.dnsChanged == revision
            || tailnet.policyChanged == revision
    }

    /// Ends the batch: gives it its revision, and says what must be written.
    package mutating func seal() -> StoreBatch {
        if hasChanges {
            tailnet.revision = revision
            if tailnet.derpMapChanged == revision || tailnet.dnsChanged == revision
                || tailnet.policyChanged == revision
            {
                markEverybodyConcerned()
            }
            tailnet.recentChanges.record(changedNodes, concerning: concerned.nodes, haste: haste, at: revision)
        }
        var batch = StoreBatch(tailnet: tailnet.id)
        for id in changedUsers.sorted() {
            if let user = tailnet.users[id] { batch.users.append(user) } else { batch.deletedUsers.append(id) }
        }
        batch.policies = newPolicies
        batch.deletedPolicies = deletedPolicies
        for id in changedPreAuthKeys.sorted() {
            if let key = tailnet.preAuthKeys[id] {
                batch.preAuthKeys.append(key)
            } else {
                batch.deletedPreAuthKeys.append(id)
            }
        }
        for id in durableNodes.sorted() {
            if let node = tailnet.node(id) { batch.nodes.append(node.record) } else { batch.deletedNodes.append(id) }
        }
        return batch
    }

    // MARK: - For commands

    mutating func schedule(_ kind: TailnetTimer.Kind, for node: NodeID, at due: Timestamp) {
        timers.append(TailnetTimer(due: due, kind: kind, node: node))
    }

    /// Takes note of another user; `isNew` says that no node can be the user's yet.
    mutating func markChanged(_ user: UserID, isNew: Bool = false) {
        changedUsers.insert(user)
        tailnet.userChanges.record(user, at: revision)
        if !isNew { markEverybodyConcerned() }
    }

    mutating func markChanged(_ key: PreAuthKeyID) {
        changedPreAuthKeys.insert(key)
    }

    mutating func markChanged(_ slot: NodeSlot) {
        changedNodes.insert(slot)
    }

    /// Takes note that the client of the node at `slot` has to be looked at, and, if `peers`, those of all who see it.
    ///
    /// Before and after the policy hears of a node, since it may have been seen by others than it is now.
    mutating func markConcerned(_ slot: NodeSlot, peers: Bool) {
        concerned.add(slot)
        if peers, !concerned.isEverybody { concerned.add(tailnet.policy.classPeers(of: slot)) }
    }

    /// Takes note that nobody can be left out.
    mutating func markEverybodyConcerned() {
        concerned.addEverybody()
        haste = .now
    }

    /// Takes note of how soon what happens must be told.
    mutating func mark(_ haste: Haste) {
        self.haste = max(self.haste, haste)
    }

    mutating func markForStorage(_ node: NodeID, _ durability: Durability) {
        touchesNodes = true
        switch durability {
        case .durable: durableNodes.insert(node)
        case .soft: softNodes.insert(node)
        case .none: break
        }
    }

    /// When a change is written.
    enum Durability {
        /// Before anything is answered.
        case durable
        /// Some seconds later.
        case soft
        /// Never: it means nothing after a restart.
        case none
    }
}
