// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleStorage

/// A record that is one row of one table.
///
/// The columns are named once, and both directions go through them in that order.
protocol StoredRow {
    /// The table.
    static var table: String { get }
    /// All columns but `tailnet`; the first is `id`.
    static var columns: [String] { get }
    /// The number that names the row within its tailnet.
    var rowID: Int64 { get }

    /// Reads the columns in order.
    ///
    /// - Throws: ``StoreError/Code/corrupt`` with table and id.
    init(from row: inout RowReader) throws(StoreError)

    /// Writes the columns in order.
    func write(to row: inout RowWriter)
}

extension StoredRow {
    /// Reads all rows of one tailnet.
    static var selectSQL: String {
        "SELECT \(columns.joined(separator: ", ")) FROM \(table) WHERE tailnet = ? ORDER BY id"
    }

    /// Writes one row, new or not.
    static var upsertSQL: String {
        let places = Array(repeating: "?", count: columns.count + 1).joined(separator: ", ")
        let updates = columns.dropFirst().map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        return """
            INSERT INTO \(table) (tailnet, \(columns.joined(separator: ", "))) VALUES (\(places))
            ON CONFLICT (tailnet, id) DO UPDATE SET \(updates)
            """
    }

    /// Deletes one row.
    static var deleteSQL: String { "DELETE FROM \(table) WHERE tailnet = ? AND id = ?" }
}
