// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The unix socket on which administrators reach a server of this machine.
///
/// Who may open the file may do everything; hence its mode.
package struct AdminSocket: Sendable {
    /// The longest path that can be served.
    ///
    /// - Source: swift-nio's `SocketAddress(unixDomainSocketPath:)`; Linux alone would take 107.
    package static let pathBytesMax = 103

    package let path: String
    /// The permissions of the file.
    package let mode: UInt32

    package init(path: String, mode: UInt32 = 0o770) {
        self.path = path
        self.mode = mode
    }

    /// Makes sure that a server can bind here: removes what a dead server left, and nothing else.
    ///
    /// - Throws: ``AdminSocketError``.
    package func prepare() throws(AdminSocketError) {
        guard path.utf8.count <= Self.pathBytesMax, !path.isEmpty else {
            throw .pathTooLong(path: path, bytesMax: Self.pathBytesMax)
        }
        var status = stat()
        guard lstat(path, &status) == 0 else {
            let code = errno
            if code == ENOENT { return try checkFolder() }
            throw .unusable(path: path, reason: Self.text(of: code))
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
        if try somebodyListens() { throw .inUse(path: path) }
        guard unlink(path) == 0 || errno == ENOENT else { throw .unusable(path: path, reason: Self.text(of: errno)) }
    }

    /// Sets the permissions of the bound socket.
    func setMode() throws(AdminSocketError) {
        guard chmod(path, mode) == 0 else { throw .unusable(path: path, reason: Self.text(of: errno)) }
    }

    /// Removes the file when the server stops.
    func remove() {
        unlink(path)
    }

    /// The folder that `path` is in, as it is written; empty for the current one.
    ///
    /// Foundation's own function traps for a relative path of one character (Swift 6.3.1 on Linux).
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private func checkFolder() throws(AdminSocketError) {
        let folder = Self.folder(of: path)
        var status = stat()
        guard stat(folder.isEmpty ? "." : folder, &status) == 0 else {
            throw .unusable(path: path, reason: "its folder: \(Self.text(of: errno))")
        }
    }

    private func somebodyListens() throws(AdminSocketError) -> Bool {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw .unusable(path: path, reason: Self.text(of: errno)) }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
        }
        let code = errno
        switch code {
        case _ where result == 0: return true
        case ECONNREFUSED, ENOENT: return false
        // A full backlog is somebody who listens.
        case EAGAIN: return true
        default: throw .unusable(path: path, reason: Self.text(of: code))
        }
    }

    private static func text(of code: Int32) -> String {
        String(cString: strerror(code))
    }
}
