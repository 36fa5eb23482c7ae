// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HashTreeCollections
package import NeedlePolicy
package import NeedleTypes

/// One tailnet at one revision: a value, so that a copy is a snapshot.
///
/// Everything in it shares structure with earlier revisions; a batch that changes one node copies a page of the node
/// table and a path of each index. Only a ``Transaction`` changes it.
package struct Tailnet: Sendable {
    /// Which tailnet this is.
    package let id: TailnetID
    /// Grows with every batch of changes.
    package internal(set) var revision = Revision.zero
    /// What an administrator decided.
    package internal(set) var settings: TailnetSettings
    /// When the DNS settings last changed.
    package internal(set) var dnsChanged = Revision.zero
    /// When the relays last changed.
    package internal(set) var derpMapChanged = Revision.zero
    /// Every node.
    package internal(set) var nodes = NodeTable()
    /// Who may do what.
    package internal(set) var policy: PolicyGraph
    /// When another policy was put in force; what sessions remember of an older one does not count any more.
    package internal(set) var policyChanged = Revision.zero
    /// The kept versions of the policy, oldest first; empty when it is not kept here.
    package internal(set) var policyVersions: [PolicyVersion] = []
    /// When what is told of each user last changed.
    package internal(set) var userChanges = UserStamps()
    /// Which nodes changed lately.
    package internal(set) var recentChanges = RecentChanges()

    var users: TreeDictionary<UserID, UserRecord> = [:]
    var userNames: TreeDictionary<String, UserID> = [:]
    var preAuthKeys: TreeDictionary<PreAuthKeyID, PreAuthKeyRecord> = [:]
    var preAuthKeyPrefixes: TreeDictionary<String, PreAuthKeyID> = [:]
    var slotsByID: TreeDictionary<NodeID, NodeSlot> = [:]
    var slotsByKey: TreeDictionary<NodeKey, NodeSlot> = [:]
    var slotsByMachine: TreeDictionary<MachineKey, [NodeSlot]> = [:]
    var slotsByName: TreeDictionary<String, NodeSlot> = [:]
    var poolV4: AddressPool?
    var poolV6: AddressPool?
    var lastUserID = UserID(0)
    var lastNodeID = NodeID(0)
    var lastPreAuthKeyID = PreAuthKeyID(0)
    var lastPolicyVersionID = PolicyVersionID(0)

    /// A tailnet without users and nodes.
    package init(id: TailnetID, settings: TailnetSettings, policy: Policy = .allowAll) {
        self.id = id
        self.settings = settings
        self.policy = PolicyGraph(policy: policy, tailnet: TailnetFacts(settings), bandLayout: settings.sourceBands)
        poolV4 = settings.prefixV4.map { AddressPool(prefix: $0, allocation: settings.allocation) }
        poolV6 = settings.prefixV6.map { AddressPool(prefix: $0, allocation: settings.allocation) }
    }

    // MARK: - Looking things up

    /// The node with this id.
    package func node(_ id: NodeID) -> NodeVersion? {
        slotsByID[id].flatMap { nodes[$0] }
    }

    /// The node with this key.
    package func node(key: NodeKey) -> NodeVersion? {
        slotsByKey[key].flatMap { nodes[$0] }
    }

    /// The node with this DNS label.
    package func node(named name: String) -> NodeVersion? {
        slotsByName[name].flatMap { nodes[$0] }
    }

    /// The nodes that run on this machine: one for each user who logged in there.
    package func nodes(onMachine machine: MachineKey) -> [NodeVersion] {
        slotsByMachine[machine, default: []].compactMap { nodes[$0] }
    }

    /// The user with this id.
    package func user(_ id: UserID) -> UserRecord? {
        users[id]
    }

    /// The user with this name.
    package func user(named name: String) -> UserRecord? {
        userNames[name].flatMap { users[$0] }
    }

    /// The user who owns the tailnet.
    package var owner: UserRecord? { users.values.first { $0.role == .owner } }

    /// The domain that a policy may name; see `Policy(text:domain:)`.
    package var policyDomain: String? { owner.flatMap { UserFacts($0).domain } }

    /// Every user, by rising id.
    package var allUsers: [UserRecord] { users.values.sorted { $0.id < $1.id } }

    /// Every pre-auth key, by rising id.
    package var allPreAuthKeys: [PreAuthKeyRecord] { preAuthKeys.values.sorted { $0.id < $1.id } }

    /// The pre-auth key with this id.
    package func preAuthKey(_ id: PreAuthKeyID) -> PreAuthKeyRecord? {
        preAuthKeys[id]
    }

    /// The record that `secret` opens, if there is one.
    func preAuthKey(matching secret: PreAuthKeySecret) -> PreAuthKeyRecord? {
        guard let record = preAuthKeyPrefixes[secret.prefix].flatMap({ preAuthKeys[$0] }), secret.matches(record) else {
            return nil
        }
        return record
    }
}
