// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HashTreeCollections
internal import NeedlePolicy
internal import NeedleTypes

extension Transaction {
    /// Adds a node that was not there.
    mutating func insertNode(_ given: NodeRecord, _ durability: Durability) {
        var record = given
        let slot = tailnet.nodes.vacantSlot(at: revision)
        var status = NodeVersion.Status()
        status.isExpired = record.isExpired(at: now)
        record.approvedRoutes = approvedRoutes(of: record, at: slot, status: status)
        var routers = tailnet.policy.update(tailnet.facts(of: record, at: slot, status: status))
        markConcernedByFacts(of: slot, .soon)
        var revisions = NodeRevisions()
        revisions.record(.whole, at: revision)
        let node = NodeVersion(
            slot: slot,
            record: record,
            status: status,
            revisions: revisions,
            policy: tailnet.policy,
            settings: tailnet.settings
        )
        tailnet.nodes.put(node, at: revision)
        tailnet.slotsByID[record.id] = slot
        tailnet.slotsByKey[record.nodeKey] = slot
        tailnet.slotsByMachine[record.machineKey, default: []].append(slot)
        tailnet.slotsByName[record.givenName] = slot
        routers.remove(slot)
        markRoutesChanged(of: routers)
        markChanged(slot)
        markForStorage(record.id, durability)
        scheduleExpiry(of: record)
        if record.isEphemeral { scheduleEphemeralCheck(of: record.id) }
    }

    /// Replaces a node by one that differs in `changes`.
    ///
    /// What the indexes are built on follows by itself; an empty `changes` means that nobody is told.
    mutating func replaceNode(
        _ old: NodeVersion,
        with given: NodeRecord,
        status givenStatus: NodeVersion.Status? = nil,
        changes givenChanges: NodeChange,
        _ durability: Durability
    ) {
        let status = givenStatus ?? old.status
        var (record, changes) = (given, givenChanges)
        markConcerned(old.slot, peers: !changes.isEmpty)
        if !changes.isSubset(of: .ableToWait) { mark(.now) }
        if NodeVersion.isNewToPolicy(record, status, after: old) {
            changes.formUnion(updatePolicy(&record, status, after: old))
        }
        var revisions = old.revisions
        revisions.record(changes, at: revision)
        let node = NodeVersion(
            slot: old.slot,
            record: record,
            status: status,
            revisions: revisions,
            policy: tailnet.policy,
            settings: tailnet.settings
        )
        tailnet.nodes.put(node, at: revision)
        if old.record.nodeKey != record.nodeKey {
            tailnet.slotsByKey[old.record.nodeKey] = nil
            tailnet.slotsByKey[record.nodeKey] = old.slot
        }
        if old.record.givenName != record.givenName {
            tailnet.slotsByName[old.record.givenName] = nil
            tailnet.slotsByName[record.givenName] = old.slot
        }
        if old.record.expiry != record.expiry { scheduleExpiry(of: record) }
        if !changes.isEmpty { markChanged(old.slot) }
        markForStorage(record.id, record.approvedRoutes == given.approvedRoutes ? durability : .durable)
    }

    /// Tells the policy what is new about a node, and approves what it says of its routes.
    ///
    /// - Returns: what of the node has changed by that.
    private mutating func updatePolicy(
        _ record: inout NodeRecord,
        _ status: NodeVersion.Status,
        after old: NodeVersion
    ) -> NodeChange {
        let servedBefore = tailnet.policy.routesInForce(of: old.slot)
        record.approvedRoutes = approvedRoutes(of: record, at: old.slot, status: status)
        markConcernedByFacts(of: old.slot)
        var routers = tailnet.policy.update(tailnet.facts(of: record, at: old.slot, status: status))
        markConcernedByFacts(of: old.slot)
        var changes: NodeChange = routers.contains(old.slot) ? .routes : []
        if servedBefore != tailnet.policy.routesInForce(of: old.slot)
            || old.addresses != tailnet.policy.addresses(of: old.slot)
        {
            changes.insert(.whole)
        }
        routers.remove(old.slot)
        markRoutesChanged(of: routers)
        return changes
    }

    /// Takes note whom it concerns that the policy is about to hear, or has just heard, of the node at `slot`.
    ///
    /// Routes appear in the filters of others than those who see the router, and sources of SSH rules need not be seen.
    private mutating func markConcernedByFacts(of slot: NodeSlot, _ haste: Haste = .now) {
        markConcerned(slot, peers: true)
        mark(haste)
        if tailnet.policy.hasSSHRules || tailnet.policy.isRouter(slot) { markEverybodyConcerned() }
    }

    /// Takes a node out; its address, name and key are free again, its id is not.
    mutating func removeNode(_ node: NodeVersion) {
        let record = node.record
        markConcernedByFacts(of: node.slot)
        tailnet.nodes.remove(node.slot, at: revision)
        tailnet.slotsByID[record.id] = nil
        tailnet.slotsByKey[record.nodeKey] = nil
        tailnet.slotsByName[record.givenName] = nil
        let others = tailnet.slotsByMachine[record.machineKey, default: []].filter { $0 != node.slot }
        tailnet.slotsByMachine[record.machineKey] = others.isEmpty ? nil : others
        for address in record.addresses {
            tailnet.poolV4?.release(address)
            tailnet.poolV6?.release(address)
        }
        markRoutesChanged(of: tailnet.policy.remove(node.slot))
        markChanged(node.slot)
        markForStorage(record.id, .durable)
    }

    /// A DNS label made from `hostname` that no other node than `node` has.
    func freeName(for hostname: String, of node: NodeID?) -> String {
        NodeName.free(NodeName.sanitized(hostname)) { name in
            tailnet.node(named: name).map { $0.record.id != node } ?? false
        }
    }

    private mutating func scheduleExpiry(of record: NodeRecord) {
        if let expiry = record.expiry, expiry > now { schedule(.keyExpiry, for: record.id, at: expiry) }
    }

    mutating func scheduleEphemeralCheck(of node: NodeID) {
        schedule(.ephemeral, for: node, at: now + tailnet.settings.ephemeralTimeout)
    }
}
