// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import NeedleAdmin

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The file of `policy.path`.
struct PolicyFile: Sendable {
    let path: String

    /// What tells one state of the file from another, whether it was written to or replaced.
    struct Stamp: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let seconds: Int64
        let nanoseconds: Int64
    }

    /// The state that it is in now; nil if there is no such file.
    func stamp() -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp(
            device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            seconds: Int64(status.st_mtim.tv_sec),
            nanoseconds: Int64(status.st_mtim.tv_nsec)
        )
    }

    /// The whole text.
    ///
    /// - Throws: ``ServerError`` when it cannot be read, or is far too long.
    func read() throws(ServerError) -> [UInt8] {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw ServerError("the policy file '\(path)' is not there; check policy.path, or set it to nothing")
        }
        // Anything else might never end, or never begin.
        guard status.st_mode & S_IFMT == S_IFREG else {
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
