// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import NeedleAdmin
internal import NeedleStorage

/// The file of `policy.path`.
struct PolicyFile: Sendable {
    let path: String

    /// The state that it is in now; nil if there is no such file.
    func stamp() -> FileState? { FileState(path: path) }

    /// The whole text.
    ///
    /// - Throws: ``ServerError`` when it cannot be read, or is far too long.
    func read() throws(ServerError) -> [UInt8] {
        guard let state = stamp() else {
            throw ServerError("the policy file '\(path)' is not there; check policy.path, or set it to nothing")
        }
        guard state.isRegular else {
            throw ServerError("'\(path)' of policy.path is no regular file; name one")
        }
        do {
            guard let file = FileHandle(forReadingAtPath: path) else { throw CocoaError(.fileReadNoPermission) }
            defer { try? file.close() }
            let data = try file.read(upToCount: PolicyText.bytesMax + 1) ?? Data()
            if data.count <= PolicyText.bytesMax { return Array(data) }
        } catch {
            throw ServerError("the policy file '\(path)' cannot be read; check its permissions")
        }
        throw ServerError("the policy file '\(path)' has more than \(PolicyText.bytesMax) bytes; shorten it")
    }
}
