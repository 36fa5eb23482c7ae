// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Dispatch
internal import GRDB
package import NeedleModel
package import NeedleStorage
package import NeedleTypes

/// Tailnets in one SQLite file: the default store.
///
/// One connection does everything, on a dispatch queue of its own, so that no task and no event loop ever waits for the
/// disk. The write-ahead log is synced before a commit returns (`synchronous = FULL`): many batches in one commit cost
/// one sync. While it is open, other programs may read the file (backups with `sqlite3 … .backup`).
///
/// Measured with nodes of 2 KB (release, 2 cores shared with eight busy processes, ext4 on a disk that syncs 4 KiB in
/// 1 to 8 ms): batches of 1, 64 and 512 rows make 2,000, 35,000 and 41,000 rows/s, at 21 µs of processor a row from 64
/// on; loading takes 38 µs a node, half of it in reading keys.
package final class SQLiteStore: TailnetStore {
    private let queue: DatabaseQueue
    private let path: String

    /// Opens the database at `path`, makes it if there is none, and brings its tables up to date.
    ///
    /// Blocks while it does; once, when the server starts.
    ///
    /// - Throws: ``StoreError``: `notOurs`, `newer`, `denied`, `corrupt` for a file that cannot be used, which is then
    ///   as it was before.
    package init(path: String) throws(StoreError) {
        self.path = path
        queue = try Self.open(path)
    }

    package func load(_ tailnet: TailnetID) async throws(StoreError) -> StoredTailnet {
        try await read { database in
            var stored = StoredTailnet()
            try database.inTransaction(.deferred) {
                stored = try StoredTailnet(tailnet, from: database)
                return .commit
            }
            return stored
        }
    }

    package func policyText(
        _ version: PolicyVersionID,
        of tailnet: TailnetID
    ) async throws(StoreError) -> [UInt8]? {
        try await read { database in try StoredPolicy.read(version, of: tailnet, from: database)?.text }
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        let result: Result<Value, StoreError> = await withCheckedContinuation { done in
            // Not `asyncRead`, which traps when the queue was closed before (GRDB 7.10).
            queue.asyncWriteWithoutTransaction { [path] database in
                let result = Result { try body(database) }
                done.resume(returning: result.mapError { .sqlite($0, path: path) })
            }
        }
        return try result.get()
    }

    package func commit(_ batches: [StoreBatch]) async throws(StoreError) {
        // GRDB's async functions roll back when their task is cancelled; a commit must not depend on who waits for it.
        let result: Result<Void, StoreError> = await withCheckedContinuation { done in
            queue.asyncWrite(
                { database in
                    for batch in batches where !batch.isEmpty { try batch.write(to: database) }
                },
                completion: { [path] _, result in
                    done.resume(returning: result.mapError { .sqlite($0, path: path) })
                }
            )
        }
        try result.get()
    }

    package func close() async {
        await withCheckedContinuation { done in
            DispatchQueue.global().async { [queue] in
                // What a failing close leaves behind (the log beside the file) the next open takes up.
                try? queue.close()
                done.resume()
            }
        }
    }

    // MARK: - For tests

    /// What `PRAGMA name` answers on the connection that writes.
    package func pragma(_ name: String) throws -> String? {
        try queue.inDatabase { try String.fetchOne($0, sql: "PRAGMA \(name)") }
    }

    /// Waits only so long for other processes, in place of ``busySecondsMax``.
    package func setBusyTimeout(milliseconds: Int) throws {
        try queue.inDatabase { try $0.execute(sql: "PRAGMA busy_timeout = \(milliseconds)") }
    }
}
