// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Glibc
internal import Synchronization

/// The directory in which one server keeps its files, locked as long as this object lives.
///
/// The lock is `flock(2)` on a file that stays: the system drops it with the process, however that ends, and a file that
/// is never removed cannot be locked twice under one name. It does not reach other machines on a network file system.
package final class DataDirectory: Sendable {
    /// The name of the file that is locked; it holds the process id of whoever locked it last.
    package static let lockName = "lock"

    /// Where it is, as it was given.
    package let path: String
    private let lock: Mutex<LockFile?>

    /// Makes the directory if it is not there, for this user alone, and locks it.
    ///
    /// An existing directory keeps its permissions; the files in it have their own.
    ///
    /// - Throws: ``StoreError/Code/inUse`` if another server (or this one) has locked it.
    package init(path: String) throws(StoreError) {
        try Self.create(path)
        self.path = path
        lock = Mutex(try LockFile(directory: path))
    }

    /// The path of the file `name` in it.
    package func path(of name: String) -> String {
        "\(path)/\(name)"
    }

    /// Gives the directory up before the process ends.
    package func unlock() {
        lock.withLock { $0 = nil }
    }

    private static func create(_ path: String) throws(StoreError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw StoreError(.unavailable, "the data directory has no usable path; set one in the configuration")
        }
        do {
            _ = try SystemError.retrying { mkdir(path, 0o700) }
        } catch  where error.number == EEXIST {
            return
        } catch {
            throw .system(error, "make the data directory", path)
        }
    }
}
