// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import GRDB

/// The versions of the tables, oldest first; each in a file of its own, never changed once released.
enum Schema {
    /// Marks a database as this server's: "Ndle", kept in the file's header.
    ///
    /// - Source: SQLite, `PRAGMA application_id`.
    static let applicationID: Int64 = 0x4e64_6c65

    /// Brings a database from any earlier version to this one; which steps it has had, it records itself.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        // No step so far rebuilds a table, so that none needs foreign keys unchecked until its end.
        migrator = migrator.disablingDeferredForeignKeyChecks()
        migrator.registerMigration("1 tailnets, users, keys, nodes", migrate: InitialTables.migrate)
        migrator.registerMigration("2 roles, approved routes, policies", migrate: PolicyTables.migrate)
        return migrator
    }
}
