// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Glibc

/// The locked file of a data directory.
struct LockFile: ~Copyable {
    /// More than any process id has.
    private static let bytesMax = 32

    private let file: OpenFile

    /// Locks `directory` without waiting.
    init(directory: String) throws(StoreError) {
        file = try Self.locked(in: directory)
    }

    deinit {
        // Closing would do, but for a child just being started: it has a copy of the descriptor until it runs.
        flock(file.descriptor, LOCK_UN)
    }

    private static func locked(in directory: String) throws(StoreError) -> OpenFile {
        let file = try opened(in: directory)
        do throws(SystemError) {
            let descriptor = file.descriptor
            _ = try SystemError.retrying { flock(descriptor, LOCK_EX | LOCK_NB) }
            try record(in: file)
            return file
        } catch  where error.number == EWOULDBLOCK {
            throw held(directory, by: owner(in: file))
        } catch {
            throw .system(error, "lock", file.path)
        }
    }

    private static func opened(in directory: String) throws(StoreError) -> OpenFile {
        let path = "\(directory)/\(DataDirectory.lockName)"
        do throws(SystemError) {
            return try OpenFile(path, O_RDWR | O_CREAT | O_NOFOLLOW)
        } catch  where error.number == ENOTDIR {
            throw StoreError(.notOurs, "'\(directory)' is no directory; name one for the server's files", cause: error)
        } catch {
            throw .system(error, "open the lock file", path)
        }
    }

    private static func record(in file: borrowing OpenFile) throws(SystemError) {
        let descriptor = file.descriptor
        _ = try SystemError.retrying { ftruncate(descriptor, 0) }
        try file.write(Array("\(getpid())\n".utf8))
    }

    /// The process that the file names; only digits, whatever else is in it.
    private static func owner(in file: borrowing OpenFile) -> Int32? {
        guard let bytes = try? file.read(max: bytesMax) else { return nil }
        return Int32(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    private static func held(_ directory: String, by owner: Int32?) -> StoreError {
        let process = owner.map { "the process \($0)" } ?? "another process"
        return StoreError(
            .inUse,
            "the data directory '\(directory)' is in use by \(process); stop that server, or give this one another directory"
        )
    }
}
