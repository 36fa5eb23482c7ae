// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Glibc

/// What a system call said when it failed.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The number, such as `ENOENT`.
    package let number: Int32

    /// The failure with this number.
    package init(number: Int32) {
        self.number = number
    }

    /// The failure of the call made last on this thread.
    static var last: SystemError { SystemError(number: errno) }

    /// What the C library calls it; the text belongs to the thread (glibc 2.32 and later).
    package var description: String {
        guard let text = strerror(number) else { return "system error \(number)" }
        return "\(String(cString: text)), system error \(number)"
    }
}

extension StoreError {
    /// A failed system call as the person who runs the server is told of it: `doing` to the file at `path` failed.
    static func system(_ error: SystemError, _ doing: String, _ path: String) -> StoreError {
        let message = "cannot \(doing) '\(path)'"
        return switch error.number {
        case EACCES, EPERM, EROFS:
            StoreError(
                .denied,
                "\(message): this user may not; give it to the user that runs needletail, with 'chown'",
                cause: error
            )
        case ENOSPC, EDQUOT:
            StoreError(.full, "\(message): no space is left; make room on that disk", cause: error)
        case ENOENT, ENOTDIR:
            StoreError(.unavailable, "\(message): there is no such file or directory; check the path", cause: error)
        case EISDIR:
            StoreError(.notOurs, "\(message): it is a directory; name a file", cause: error)
        default:
            StoreError(.unavailable, "\(message); check the disk and the path", cause: error)
        }
    }
}
