// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import GRDB
internal import NeedleModel
internal import NeedleStorage
internal import NeedleTypes

extension StoreBatch {
    /// Carries the batch out inside the transaction that `database` is in.
    func write(to database: Database) throws {
        try writeLastIDs(to: database)
        try delete(StoredPolicy.self, deletedPolicies.map(\.value), in: database)
        try delete(NodeRecord.self, deletedNodes.map(\.value), in: database)
        try delete(PreAuthKeyRecord.self, deletedPreAuthKeys.map(\.value), in: database)
        try delete(UserRecord.self, deletedUsers.map(\.value), in: database)
        try upsert(users, in: database)
        try upsert(preAuthKeys, in: database)
        try upsert(nodes, in: database)
        try updateSoftNodes(in: database)
        try upsert(policies, in: database)
    }

    private func upsert<Record: StoredRow>(_ records: [Record], in database: Database) throws {
        if records.isEmpty { return }
        let statement = try database.cachedStatement(sql: Record.upsertSQL)
        for record in records {
            var row = RowWriter(tailnet: tailnet, columns: Record.columns.count)
            record.write(to: &row)
            guard !row.hasUnstorableText else {
                throw StoreError(
                    .inconsistent,
                    "the row with id \(record.rowID) of table \(Record.table) cannot be written: a text holds a NUL character"
                )
            }
            try statement.execute(arguments: StatementArguments(row.values))
        }
    }

    /// Six columns in place of two dozen: half of what writing a node takes.
    private func updateSoftNodes(in database: Database) throws {
        if softNodes.isEmpty { return }
        let statement = try database.cachedStatement(sql: NodeRecord.Soft.updateSQL)
        for node in softNodes {
            var row = RowWriter(tailnet: tailnet, columns: NodeRecord.Soft.columns.count + 1)
            row.id(node.id)
            node.soft.write(to: &row)
            try statement.execute(arguments: StatementArguments(row.values))
        }
    }

    private func delete<Record: StoredRow>(_: Record.Type, _ ids: [Int64], in database: Database) throws {
        if ids.isEmpty { return }
        let statement = try database.cachedStatement(sql: Record.deleteSQL)
        for id in ids { try statement.execute(arguments: [tailnet.value, id]) }
    }

    /// Raises the last ids to what this batch shows to have been given out; they never fall.
    private func writeLastIDs(to database: Database) throws {
        let lastUser = (users.map(\.id) + deletedUsers).max()
        let lastKey = (preAuthKeys.map(\.id) + deletedPreAuthKeys).max()
        let lastNode = (nodes.map(\.id) + deletedNodes).max()
        let lastPolicy = (policies.map(\.version.id) + deletedPolicies).max()
        try database.cachedStatement(
            sql: """
                INSERT INTO tailnets (id, last_user_id, last_pre_auth_key_id, last_node_id, last_policy_version_id)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET
                    last_user_id = max(last_user_id, excluded.last_user_id),
                    last_pre_auth_key_id = max(last_pre_auth_key_id, excluded.last_pre_auth_key_id),
                    last_node_id = max(last_node_id, excluded.last_node_id),
                    last_policy_version_id = max(last_policy_version_id, excluded.last_policy_version_id)
                """
        ).execute(
            arguments: [
                tailnet.value, lastUser?.value ?? 0, lastKey?.value ?? 0, lastNode?.value ?? 0, lastPolicy?.value ?? 0,
            ]
        )
    }
}
