// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A database as a released version left it, as SQL (`sqlite3 db .dump`); once released it is never changed.
struct SchemaFixture: Sendable, CustomStringConvertible {
    /// Counts the migrations up to it.
    let version: Int
    let sql: String

    var description: String { "version \(version)" }

    /// One for each migration, oldest first.
    static let all = [SchemaFixture(version: 1, sql: version1), SchemaFixture(version: 2, sql: version2)]
}
