// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why the administrators' socket cannot be served.
package enum AdminSocketError: Error, Hashable, Sendable, CustomStringConvertible {
    /// No socket can have a path as long as this.
    case pathTooLong(path: String, bytesMax: Int)
    /// Another server answers there.
    case inUse(path: String)
    /// Something else is there, and is left alone.
    case notASocket(path: String)
    /// The system refuses.
    case unusable(path: String, reason: String)

    package var description: String {
        switch self {
        case .pathTooLong(let path, let bytesMax):
            """
            the path of the administrators' socket has \(path.utf8.count) bytes and may have 1 to \(bytesMax): '\(path)'; \
            choose a shorter --data-dir, or set unix_socket in the configuration file
            """
        case .inUse(let path):
            """
            another server listens on '\(path)' already; stop it first, or choose another --data-dir or unix_socket
            """
        case .notASocket(let path):
            "'\(path)' is there and is not a socket; move it away, or set unix_socket in the configuration file"
        case .unusable(let path, let reason):
            "cannot serve on the socket '\(path)': \(reason)"
        }
    }
}
