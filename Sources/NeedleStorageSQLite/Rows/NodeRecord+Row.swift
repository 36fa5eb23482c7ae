// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedleStorage
internal import NeedleTypes
internal import NeedleWire

extension NodeRecord: StoredRow {
    static let table = "nodes"
    static let columns =
        [
            "id", "machine_key", "node_key", "network_lock_key", "user_id", "tags", "given_name", "renamed", "ipv4",
            "ipv6",
            "approved_routes", "ephemeral", "expiry", "register_method", "auth_key_id", "created_at",
        ] + Soft.columns

    var rowID: Int64 { id.value }

    init(from row: inout RowReader) throws(StoreError) {
        self.init(
            id: try row.id(),
            machineKey: try row.key(),
            nodeKey: try row.key(),
            networkLockKey: try row.key(),
            user: try row.optionalID(),
            tags: try row.strings(),
            givenName: try row.text(),
            isRenamed: try row.flag(),
            ipv4: try row.address(),
            ipv6: try row.address(),
            approvedRoutes: try row.prefixes(),
            isEphemeral: try row.flag(),
            expiry: try row.optionalTime(),
            registerMethod: try row.choice(),
            authKey: try row.optionalID(),
            createdAt: try row.time(),
            soft: try Soft(from: &row)
        )
    }

    func write(to row: inout RowWriter) {
        row.id(id)
        row.key(machineKey)
        row.key(nodeKey)
        row.key(networkLockKey)
        row.id(user)
        row.list(tags)
        row.text(givenName)
        row.flag(isRenamed)
        row.address(ipv4)
        row.address(ipv6)
        row.list(approvedRoutes)
        row.flag(isEphemeral)
        row.time(expiry)
        row.text(registerMethod.rawValue)
        row.id(authKey)
        row.time(createdAt)
        soft.write(to: &row)
    }
}

extension NodeRecord.Soft {
    static let columns = ["host_info", "disco_key", "endpoints", "home_derp", "last_seen", "capability_version"]

    /// Writes the soft state of one node, the second place, in the tailnet of the first, if it is there.
    static var updateSQL: String {
        let places = columns.indices.map { "?\($0 + 3)" }.joined(separator: ", ")
        return "UPDATE nodes SET (\(columns.joined(separator: ", "))) = (\(places)) WHERE tailnet = ?1 AND id = ?2"
    }

    fileprivate init(from row: inout RowReader) throws(StoreError) {
        self.init()
        hostinfo = try row.json()
        discoKey = try row.key()
        endpoints = try row.endpoints()
        homeDERP = try row.int()
        lastSeen = try row.optionalTime()
        capability = CapabilityVersion(try row.int())
    }

    func write(to row: inout RowWriter) {
        row.json(hostinfo.json)
        row.key(discoKey)
        row.list(endpoints)
        row.integer(homeDERP)
        row.time(lastSeen)
        row.integer(capability.value)
    }
}
