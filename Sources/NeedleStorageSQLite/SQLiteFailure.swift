// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import GRDB
internal import NeedleStorage

/// What SQLite said, without the statement and its parameters.
struct SQLiteFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The extended result code.
    let code: Int32
    /// SQLite's own words, which name tables and columns but no values.
    let message: String

    init(_ error: DatabaseError) {
        code = error.extendedResultCode.rawValue
        message = error.message ?? "no message"
    }

    var description: String { "SQLite error \(code): \(message)" }
}

extension StoreError {
    /// Any failure inside a database access as the person who runs the server is told of it.
    static func sqlite(_ error: any Error, path: String) -> StoreError {
        if let error = error as? StoreError { return error }
        guard let error = error as? DatabaseError else {
            return StoreError(.unavailable, "the database '\(path)' failed; the log says more", cause: error)
        }
        let (code, message) = advice(for: error.resultCode, path)
        return StoreError(code, message, cause: SQLiteFailure(error))
    }

    private static func advice(for result: ResultCode, _ path: String) -> (Code, String) {
        let database = "the database '\(path)'"
        return switch result {
        case .SQLITE_FULL:
            (.full, "\(database) cannot grow: no space is left; make room on that disk")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            (.inUse, "\(database) is held by another process; end it, or wait until its backup is done")
        case .SQLITE_NOTADB:
            (.notOurs, "'\(path)' is no SQLite database; name another file, or restore a backup")
        case .SQLITE_CORRUPT:
            (.corrupt, "\(database) is damaged; stop the server and restore a backup")
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_AUTH:
            (.denied, "\(database) cannot be written; give it and its directory to the user that runs needletail")
        case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG:
            (.inconsistent, "\(database) refused what contradicts it; nothing was written; please report this")
        case .SQLITE_MISUSE:
            (.closed, "\(database) was closed; start the server again")
        default:
            (.unavailable, "\(database) failed; check the disk")
        }
    }
}
