// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Glibc

/// A file that only its owner may read, written as a whole or not at all.
package enum PrivateFile {
    /// Writes `bytes` beside `path` and renames, so that a crash leaves either what was there or all of the new.
    ///
    /// `name` says what it is in the message for a person, for example `key file`. Mode 0600.
    ///
    /// - Throws: ``StoreError`` that names the file.
    package static func write(_ bytes: [UInt8], to path: String, called name: String) throws(StoreError) {
        let draft = "\(path).new"
        do throws(SystemError) {
            // What a crash has left there was never in use.
            unlink(draft)
            let file = try OpenFile(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
            try file.write(bytes)
            try file.sync()
            _ = try SystemError.retrying { rename(draft, path) }
            try OpenFile.syncDirectory(directory(of: path))
        } catch {
            throw .system(error, "write the \(name)", path)
        }
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
