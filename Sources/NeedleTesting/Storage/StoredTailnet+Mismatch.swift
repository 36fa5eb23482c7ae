// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleModel
internal import NeedleTypes
internal import NeedleWire

extension StoredTailnet {
    /// Does nothing if this is what was `expected`, field by field and in the same order.
    ///
    /// - Throws: ``StoreMismatch`` with the first field that differs.
    package func check(against expected: StoredTailnet) throws(StoreMismatch) {
        try Self.compare("ids of users", users.map(\.id), expected.users.map(\.id))
        try Self.compare("ids of keys", preAuthKeys.map(\.id), expected.preAuthKeys.map(\.id))
        try Self.compare("ids of nodes", nodes.map(\.id), expected.nodes.map(\.id))
        for (found, wanted) in zip(users, expected.users) { try Self.compare("user", found, wanted) }
        for (found, wanted) in zip(preAuthKeys, expected.preAuthKeys) { try Self.compare("key", found, wanted) }
        for (found, wanted) in zip(nodes, expected.nodes) { try found.check(against: wanted) }
        try Self.compare("versions of the policy", policyVersions, expected.policyVersions)
        try Self.compare("newest policy", policyText, expected.policyText)
        try Self.compare("last user id", lastUserID, expected.lastUserID)
        try Self.compare("last key id", lastPreAuthKeyID, expected.lastPreAuthKeyID)
        try Self.compare("last node id", lastNodeID, expected.lastNodeID)
        try Self.compare("last policy version", lastPolicyVersionID, expected.lastPolicyVersionID)
    }

    fileprivate static func compare<Value: Equatable>(
        _ what: String,
        _ found: Value,
        _ wanted: Value
    ) throws(StoreMismatch) {
        guard found != wanted else { return }
        throw StoreMismatch("\(what): expected \(wanted), found \(found)".prefixed(2000))
    }
}

extension NodeRecord {
    /// Does nothing if this is what was `expected`.
    ///
    /// - Throws: ``StoreMismatch`` with the first field that differs.
    package func check(against expected: NodeRecord) throws(StoreMismatch) {
        try compare(expected, "id", \.id)
        try compare(expected, "machineKey", \.machineKey)
        try compare(expected, "nodeKey", \.nodeKey)
        try compare(expected, "networkLockKey", \.networkLockKey)
        try compare(expected, "user", \.user)
        try compare(expected, "tags", \.tags)
        try compare(expected, "givenName", \.givenName)
        try compare(expected, "isRenamed", \.isRenamed)
        try compare(expected, "ipv4", \.ipv4)
        try compare(expected, "ipv6", \.ipv6)
        try compare(expected, "approvedRoutes", \.approvedRoutes)
        try compare(expected, "isEphemeral", \.isEphemeral)
        try compare(expected, "expiry", \.expiry)
        try compare(expected, "registerMethod", \.registerMethod)
        try compare(expected, "authKey", \.authKey)
        try compare(expected, "createdAt", \.createdAt)
        try compare(expected, "hostinfo", \.soft.hostinfo)
        try compare(expected, "discoKey", \.soft.discoKey)
        try compare(expected, "endpoints", \.soft.endpoints)
        try compare(expected, "homeDERP", \.soft.homeDERP)
        try compare(expected, "lastSeen", \.soft.lastSeen)
        try compare(expected, "capability", \.soft.capability)
    }

    private func compare<Value: Equatable>(
        _ expected: NodeRecord,
        _ field: String,
        _ value: KeyPath<NodeRecord, Value>
    ) throws(StoreMismatch) {
        try StoredTailnet.compare("\(field) of node \(id)", self[keyPath: value], expected[keyPath: value])
    }
}

extension String {
    fileprivate func prefixed(_ count: Int) -> String {
        self.count > count ? "\(prefix(count))…" : self
    }
}
