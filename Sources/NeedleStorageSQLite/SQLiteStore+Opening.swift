// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import GRDB
internal import Glibc
internal import NeedleStorage

extension SQLiteStore {
    /// How long a statement waits for another process (a backup, a shell) before it fails.
    static let busySecondsMax = 10.0

    static func open(_ path: String) throws(StoreError) -> DatabaseQueue {
        try createFile(at: path)
        do {
            let queue = try DatabaseQueue(path: literal(path), configuration: configuration)
            // GRDB's own WAL mode would set `synchronous = NORMAL`, and write to a file before it is known to be ours.
            try queue.writeWithoutTransaction { database in
                try checkOwner(of: database, path)
                try database.execute(sql: "PRAGMA journal_mode = WAL")
                try database.execute(sql: "PRAGMA synchronous = FULL")
            }
            try Schema.migrator.migrate(queue)
            return queue
        } catch {
            throw .sqlite(error, path: path)
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "needletail.sqlite"
        configuration.busyMode = .timeout(busySecondsMax)
        configuration.foreignKeysEnabled = true
        configuration.publicStatementArguments = false
        return configuration
    }

    /// A path that SQLite takes as a path, whatever it looks like (`:memory:`, `file:…`).
    private static func literal(_ path: String) -> String {
        path.hasPrefix("/") ? path : "./\(path)"
    }

    /// Makes an empty file that only this user may read; SQLite gives the files beside it the same permissions.
    ///
    /// A file that is there keeps the permissions that its owner gave it.
    private static func createFile(at path: String) throws(StoreError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw StoreError(.unavailable, "the database has no usable path; set one in the configuration")
        }
        let descriptor = Glibc.open(literal(path), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let error = SystemError(number: errno)
            throw StoreError(
                error.number == ENOSPC ? .full : .denied,
                "cannot open the database '\(path)'; check that its directory is there and belongs to the user that runs needletail",
                cause: error
            )
        }
        Glibc.close(descriptor)
    }

    /// Refuses what another program or a newer version wrote, before anything is changed.
    private static func checkOwner(of database: Database, _ path: String) throws {
        // The list of migrations is there before the first of them: a crash between the two leaves it alone and empty.
        let isNew = "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations')"
        if try Bool.fetchOne(database, sql: isNew) == true { return }
        guard try Int64.fetchOne(database, sql: "PRAGMA application_id") == Schema.applicationID else {
            throw StoreError(
                .notOurs,
                "'\(path)' is the database of another program; name another file (to move from headscale, import its database)"
            )
        }
        if try Schema.migrator.hasBeenSuperseded(database) {
            throw StoreError(
                .newer,
                "the database '\(path)' was written by a newer version of needletail; install that version, or restore a backup from before the upgrade"
            )
        }
    }
}
