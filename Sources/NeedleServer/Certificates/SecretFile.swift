// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation

/// A file that only its owner may read, written as a whole or not at all.
enum SecretFile {
    /// Writes `text` to `path` with mode 0600.
    static func write(_ text: String, to path: String) throws {
        let temporary = path + ".new"
        let files = FileManager.default
        try? files.removeItem(atPath: temporary)
        guard files.createFile(atPath: temporary, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else {
            throw ServerError("\(path) cannot be written; check that its folder exists and may be written to")
        }
        try? files.removeItem(atPath: path)
        try files.moveItem(atPath: temporary, toPath: path)
    }
}
