// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HashTreeCollections
internal import NeedlePolicy
internal import NeedleTypes
internal import NeedleWire

extension Transaction {
    /// What the tailnet would be under `policy`.
    ///
    /// - Complexity: O(nodes × selectors of each).
    func graph(under policy: Policy) -> PolicyGraph {
        PolicyGraph(policy: policy, tailnet: TailnetFacts(tailnet.settings), replacing: tailnet.policy)
    }

    /// Puts `graph` in force.
    ///
    /// Sessions find out by themselves what it changes for them; here only nodes change whose own entry is another.
    mutating func adopt(_ graph: PolicyGraph) {
        let old = tailnet.policy
        tailnet.policy = graph
        tailnet.policyChanged = revision
        for node in tailnet.nodes.all {
            let approved = approvedRoutes(of: node.record, at: node.slot, status: node.status)
            let isOther =
                old.addresses(of: node.slot) != graph.addresses(of: node.slot)
                || old.isRouter(node.slot) != graph.isRouter(node.slot)
            guard isOther || approved != node.record.approvedRoutes else { continue }
            var record = node.record
            record.approvedRoutes = approved
            replaceNode(
                node,
                with: record,
                changes: isOther ? .whole : [],
                approved == node.record.approvedRoutes ? .none : .durable
            )
        }
    }

    /// Keeps `text` as the newest version of the policy.
    mutating func storePolicy(_ text: [UInt8], author: String, comment: String) throws(ModelError) -> PolicyVersion {
        for note in [author, comment] where note.utf8.count > PolicyVersion.noteBytesMax {
            throw ModelError(
                .invalid,
                "the author and the comment of a policy are at most \(PolicyVersion.noteBytesMax) bytes long; shorten the one that starts with '\(note.prefix(30))'"
            )
        }
        let version = PolicyVersion(
            id: PolicyVersionID(tailnet.lastPolicyVersionID.value + 1),
            createdAt: now,
            author: author,
            comment: comment,
            byteCount: text.count
        )
        tailnet.lastPolicyVersionID = version.id
        tailnet.policyVersions.append(version)
        newPolicies.append(StoredPolicy(version: version, text: text))
        while tailnet.policyVersions.count > PolicyVersion.countMax {
            deletedPolicies.append(tailnet.policyVersions.removeFirst().id)
        }
        return version
    }

    /// Tells the policy of the new name or role of `user`.
    ///
    /// - Complexity: O(nodes).
    mutating func userChanged(_ user: UserID) {
        for node in tailnet.nodes.all where node.record.user == user {
            let routers = tailnet.policy.update(tailnet.facts(of: node.record, at: node.slot, status: node.status))
            markRoutesChanged(of: routers)
            refresh(node)
        }
    }

    /// The routes that `record` is approved for, with those that the policy approves by itself.
    func approvedRoutes(of record: NodeRecord, at slot: NodeSlot, status: NodeVersion.Status) -> [IPPrefix] {
        if record.soft.hostinfo.routableIPs.isEmpty { return record.approvedRoutes }
        let facts = tailnet.facts(of: record, at: slot, status: status)
        let automatic = tailnet.policy.routesToApprove(facts)
        guard !automatic.allSatisfy(record.approvedRoutes.contains) else { return record.approvedRoutes }
        let approved = ApprovedRoutes.normalized(record.approvedRoutes + automatic)
        return approved.count <= ApprovedRoutes.countMax ? approved : record.approvedRoutes
    }

    /// Takes note that viewers may be told differently of `routers`.
    mutating func markRoutesChanged(of routers: NodeSet) {
        if !routers.isEmpty { markEverybodyConcerned() }
        for slot in routers {
            guard let node = tailnet.nodes[slot] else { continue }
            tailnet.nodes.put(node.changed(.routes, at: revision), at: revision)
            markChanged(slot)
        }
    }

    /// Encodes `node` anew if its addresses in force or its being a router have changed under it.
    private mutating func refresh(_ node: NodeVersion) {
        guard let current = tailnet.nodes[node.slot] else { return }
        let policy = tailnet.policy
        guard current.addresses != policy.addresses(of: node.slot) || current.isRouter != policy.isRouter(node.slot)
        else { return }
        replaceNode(current, with: current.record, changes: .whole, .none)
    }
}
