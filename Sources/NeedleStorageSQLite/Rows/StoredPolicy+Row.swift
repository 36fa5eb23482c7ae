// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import GRDB
internal import NeedleModel
internal import NeedleStorage
internal import NeedleTypes

extension StoredPolicy: StoredRow {
    static let table = "policies"
    static let columns = ["id", "created_at", "author", "comment", "text"]

    var rowID: Int64 { version.id.value }

    init(from row: inout RowReader) throws(StoreError) {
        let id: PolicyVersionID = try row.id()
        let createdAt = try row.time()
        let author = try row.text()
        let comment = try row.text()
        let text = try row.bytes()
        self.init(
            version: PolicyVersion(
                id: id,
                createdAt: createdAt,
                author: author,
                comment: comment,
                byteCount: text.count
            ),
            text: text
        )
    }

    func write(to row: inout RowWriter) {
        row.id(version.id)
        row.time(version.createdAt)
        row.text(version.author)
        row.text(version.comment)
        row.bytes(text)
    }

    /// Reads one version of `tailnet` with its text.
    static func read(_ version: PolicyVersionID, of tailnet: TailnetID, from database: Database) throws -> StoredPolicy?
    {
        let row = try Row.fetchOne(
            database,
            sql: "SELECT \(columns.joined(separator: ", ")) FROM \(table) WHERE tailnet = ? AND id = ?",
            arguments: [tailnet.value, version.value]
        )
        guard let row else { return nil }
        var reader = RowReader(row, table: table, columns: columns)
        return try StoredPolicy(from: &reader)
    }
}

extension PolicyVersion {
    /// Reads every version of `tailnet`, by rising id, without the texts.
    static func all(of tailnet: TailnetID, from database: Database) throws -> [PolicyVersion] {
        let columns = ["id", "created_at", "author", "comment", "length(text)"]
        let rows = try Row.fetchCursor(
            database,
            sql: "SELECT \(columns.joined(separator: ", ")) FROM policies WHERE tailnet = ? ORDER BY id",
            arguments: [tailnet.value]
        )
        var versions: [PolicyVersion] = []
        while let row = try rows.next() {
            var reader = RowReader(row, table: StoredPolicy.table, columns: columns)
            versions.append(
                PolicyVersion(
                    id: try reader.id(),
                    createdAt: try reader.time(),
                    author: try reader.text(),
                    comment: try reader.text(),
                    byteCount: try reader.int()
                )
            )
        }
        return versions
    }
}
