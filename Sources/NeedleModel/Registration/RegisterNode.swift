// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
internal import NeedleTypes
internal import NeedleWire

/// Lets a node in, lets it back in, renews its key, or logs it out.
///
/// The order of the questions is the protocol's (reference 2.5 and headscale's behaviour, 1e): a logout comes before
/// everything else; a node that is known and good needs no key, so that containers may restart with a spent one; all
/// else needs a good auth key.
package struct RegisterNode: Command {
    let registration: Registration

    package init(_ registration: Registration) {
        self.registration = registration
    }

    private var request: RegisterRequest { registration.request }
    private var machineKey: MachineKey { registration.machineKey }

    package func apply(to transaction: inout Transaction) throws(ModelError) -> Registration.Outcome {
        guard !request.nodeKey.isZero else { throw ModelError(.invalid, "the node key is missing from the request") }
        let known = transaction.tailnet.node(key: request.nodeKey)
        if let known, known.record.machineKey != machineKey {
            throw ModelError(.refused, "this node key belongs to another machine; log out and join with a new key")
        }
        if !request.expiry.isZero, request.expiry <= transaction.now {
            return logout(known ?? previousNode(in: transaction), &transaction)
        }
        if let known, !known.isExpired {
            return welcomeBack(known, &transaction)
        }
        guard let authKey = request.auth?.authKey, !authKey.isEmpty else {
            if known != nil { return .keyExpired }
            throw missingKeyError()
        }
        let key = try validKey(authKey, in: transaction)
        let identity = try identity(under: key, in: transaction)
        let existing = try existingNode(for: identity, known: known, in: transaction)
        // The key is about another node of this machine than the one that has this node key: the client makes a new one.
        if let known, known.record.id != existing?.record.id { return .keyExpired }
        let node = try admit(existing, as: identity, with: key, &transaction)
        return .accepted(node, user: node.record.user.flatMap { transaction.tailnet.user($0) })
    }

    // MARK: - Known nodes

    private func previousNode(in transaction: Transaction) -> NodeVersion? {
        guard let node = transaction.tailnet.node(key: request.oldNodeKey),
            node.record.machineKey == machineKey
        else { return nil }
        return node
    }

    private func logout(_ node: NodeVersion?, _ transaction: inout Transaction) -> Registration.Outcome {
        guard let node else { return .loggedOut }
        if node.record.isEphemeral {
            transaction.removeNode(node)
        } else {
            // The client sends a time long past; what is kept is when it happened.
            transaction.setExpiry(of: node, to: transaction.now)
        }
        return .loggedOut
    }

    private func welcomeBack(_ node: NodeVersion, _ transaction: inout Transaction) -> Registration.Outcome {
        var record = node.record
        var changes = NodeUpdate(hostinfo: request.hostinfo, capability: request.version)
            .merge(into: &record, transaction)
        // A client may ask to expire sooner, never later.
        if !request.expiry.isZero, record.expiry.map({ request.expiry < $0 }) ?? true {
            record.expiry = request.expiry
            changes.insert(.expiry)
        }
        if !changes.isEmpty || record.soft.hostinfo != node.record.soft.hostinfo {
            let durability: Transaction.Durability =
                record.expiry != node.record.expiry || record.givenName != node.record.givenName ? .durable : .soft
            transaction.replaceNode(node, with: record, changes: changes, durability)
        }
        let current = transaction.tailnet.nodes[node.slot] ?? node
        return .accepted(current, user: record.user.flatMap { transaction.tailnet.user($0) })
    }

    // MARK: - Auth keys

    private func missingKeyError() -> ModelError {
        if !request.followup.isEmpty {
            return ModelError(
                .refused,
                "there is no log-in to wait for at \(request.followup.prefix(100)); join again with --auth-key"
            )
        }
        return ModelError(
            .refused,
            "this server admits nodes with an auth key only; get one from its administrator and join with --auth-key KEY"
        )
    }

    private func validKey(_ text: String, in transaction: Transaction) throws(ModelError) -> PreAuthKeyRecord {
        guard let secret = PreAuthKeySecret(text: text), let record = transaction.tailnet.preAuthKey(matching: secret)
        else {
            throw ModelError(.refused, "this auth key is not known here; check that it was copied as a whole")
        }
        if let refusal = record.refusal(at: transaction.now) { throw refusal }
        return record
    }

    /// Whom a node belongs to that joins with `key`: its tags, those that it asks for and the key's user owns, or the
    /// user.
    private func identity(
        under key: PreAuthKeyRecord,
        in transaction: Transaction
    ) throws(ModelError) -> NodeIdentity {
        let requested = Set(request.hostinfo?.requestTags ?? [])
        if !key.tags.isEmpty {
            guard let tag = requested.subtracting(key.tags).min() else { return .tagged(key.tags) }
            throw ModelError(
                .refused,
                "the auth key does not carry the requested \(tag.prefix(80)); create a key with --tags, and leave --advertise-tags out"
            )
        }
        guard let id = key.user, let user = transaction.tailnet.user(id) else {
            throw ModelError(.refused, "the user of this auth key is gone; create a new key")
        }
        if requested.isEmpty { return .owned(id) }
        let policy = transaction.tailnet.policy.policy
        if let tag = requested.sorted().first(where: { !policy.allows(UserFacts(user), toUse: $0) }) {
            throw ModelError(
                .refused,
                "user '\(user.name)' does not own the requested \(tag.prefix(80)); add the user to its tagOwners in the policy, or create a key with --tags"
            )
        }
        return .tagged(try NodeTags.checked(Array(requested)))
    }

    // MARK: - Admission

    private func admit(
        _ existing: NodeVersion?,
        as identity: NodeIdentity,
        with key: PreAuthKeyRecord,
        _ transaction: inout Transaction
    ) throws(ModelError) -> NodeVersion {
        let node: NodeVersion
        if let existing {
            node = try renew(existing, as: identity, with: key, &transaction)
        } else {
            node = try create(identity, with: key, &transaction)
        }
        if !key.isUsed {
            var used = key
            used.isUsed = true
            transaction.put(used)
        }
        return node
    }

    /// The node of this machine that is meant by `identity`, if it has joined before.
    private func existingNode(
        for identity: NodeIdentity,
        known: NodeVersion?,
        in transaction: Transaction
    ) throws(ModelError) -> NodeVersion? {
        let nodes = transaction.tailnet.nodes(onMachine: machineKey)
        let tagged = nodes.filter(\.record.isTagged)
        let owned = nodes.filter { !$0.record.isTagged }
        if case .owned(let user) = identity {
            if let mine = owned.first(where: { $0.record.user == user }) { return mine }
            if !tagged.isEmpty {
                throw ModelError(
                    .refused,
                    "this machine has joined with tags; delete its node '\(tagged[0].record.givenName)' first, or join with a tagged key"
                )
            }
            return nil
        }
        if let known, known.record.isTagged { return known }
        if let first = tagged.first { return first }
        if owned.count > 1 {
            throw ModelError(
                .refused,
                "this machine has joined for \(owned.count) users, so it is ambiguous which of its nodes gets the tags; delete all but one"
            )
        }
        return owned.first
    }

    private func renew(
        _ node: NodeVersion,
        as identity: NodeIdentity,
        with key: PreAuthKeyRecord,
        _ transaction: inout Transaction
    ) throws(ModelError) -> NodeVersion {
        var record = node.record
        var changes = NodeUpdate(hostinfo: request.hostinfo, capability: request.version)
            .merge(into: &record, transaction)
        if record.nodeKey != request.nodeKey { changes.insert(.key) }
        record.nodeKey = request.nodeKey
        if !request.nlKey.isZero { record.networkLockKey = request.nlKey }
        let expiry = expiry(of: identity, at: transaction)
        if record.expiry != expiry { changes.insert(.expiry) }
        record.expiry = expiry
        if record.tags != identity.tags || record.user != identity.user {
            record.tags = identity.tags
            record.user = identity.user
            changes.insert(.whole)
        }
        record.isEphemeral = key.isEphemeral || request.ephemeral
        record.registerMethod = .authKey
        record.authKey = key.id
        if !node.isStreaming {
            record.soft.lastSeen = transaction.now
            changes.insert(.online)
        }
        var status = node.status
        status.isExpired = false
        if node.isExpired { changes.insert(.whole) }
        transaction.replaceNode(node, with: record, status: status, changes: changes, .durable)
        if record.isEphemeral { transaction.scheduleEphemeralCheck(of: record.id) }
        return try transaction.existingNode(record.id)
    }

    private func create(
        _ identity: NodeIdentity,
        with key: PreAuthKeyRecord,
        _ transaction: inout Transaction
    ) throws(ModelError) -> NodeVersion {
        let id = NodeID(transaction.tailnet.lastNodeID.value + 1)
        let addresses = try transaction.allocateAddresses(for: identity)
        var record = NodeRecord(
            id: id,
            machineKey: machineKey,
            nodeKey: request.nodeKey,
            networkLockKey: request.nlKey,
            user: identity.user,
            tags: identity.tags,
            givenName: transaction.freeName(for: request.hostinfo?.hostname ?? "", of: nil),
            ipv4: addresses.v4,
            ipv6: addresses.v6,
            isEphemeral: key.isEphemeral || request.ephemeral,
            expiry: expiry(of: identity, at: transaction),
            authKey: key.id,
            createdAt: transaction.now
        )
        record.soft.hostinfo = request.hostinfo ?? record.soft.hostinfo
        record.soft.capability = request.version
        transaction.tailnet.lastNodeID = id
        transaction.insertNode(record, .durable)
        return try transaction.existingNode(id)
    }

    /// Tagged nodes never expire; others as configured, or sooner if the client asks for it.
    private func expiry(of identity: NodeIdentity, at transaction: Transaction) -> Timestamp? {
        guard identity.tags.isEmpty else { return nil }
        let configured = transaction.tailnet.settings.nodeExpiry.map { transaction.now + $0 }
        if request.expiry.isZero { return configured }
        return configured.map { min($0, request.expiry) } ?? request.expiry
    }
}
