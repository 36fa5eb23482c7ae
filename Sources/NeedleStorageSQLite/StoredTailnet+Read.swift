// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import GRDB
internal import NeedleModel
internal import NeedleStorage
internal import NeedleTypes

extension StoredTailnet {
    /// Reads `tailnet` inside the transaction that `database` is in.
    init(_ tailnet: TailnetID, from database: Database) throws {
        self.init()
        users = try Self.rows(of: tailnet, in: database)
        preAuthKeys = try Self.rows(of: tailnet, in: database)
        nodes = try Self.rows(of: tailnet, in: database)
        policyVersions = try PolicyVersion.all(of: tailnet, from: database)
        if let newest = policyVersions.last {
            policyText = try StoredPolicy.read(newest.id, of: tailnet, from: database)?.text
        }
        let columns = ["id", "last_user_id", "last_pre_auth_key_id", "last_node_id", "last_policy_version_id"]
        let counters = try Row.fetchOne(
            database,
            sql: "SELECT \(columns.joined(separator: ", ")) FROM tailnets WHERE id = ?",
            arguments: [tailnet.value]
        )
        guard let counters else { return }
        var reader = RowReader(counters, table: "tailnets", columns: columns)
        _ = try reader.integer()
        lastUserID = try reader.id()
        lastPreAuthKeyID = try reader.id()
        lastNodeID = try reader.id()
        lastPolicyVersionID = try reader.id()
    }

    private static func rows<Record: StoredRow>(of tailnet: TailnetID, in database: Database) throws -> [Record] {
        let columns = Record.columns
        var records: [Record] = []
        let rows = try Row.fetchCursor(database, sql: Record.selectSQL, arguments: [tailnet.value])
        while let row = try rows.next() {
            var reader = RowReader(row, table: Record.table, columns: columns)
            records.append(try Record(from: &reader))
        }
        return records
    }
}
