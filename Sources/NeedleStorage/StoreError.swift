// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why something could not be kept or read; the message is for whoever runs the server, and says what to do.
///
/// Neither the message nor the cause shows stored values, parameters of statements or secrets.
package struct StoreError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is.
    package enum Code: Hashable, Sendable {
        /// The store was closed before.
        case closed
        /// What is stored cannot be read; a backup is needed.
        case corrupt
        /// Permissions are missing, or too wide for a secret.
        case denied
        /// No space is left.
        case full
        /// What was to be written contradicts what is there, or cannot be represented; a fault in this server.
        case inconsistent
        /// Another process uses it.
        case inUse
        /// It was written by a newer version of this server.
        case newer
        /// It belongs to another program, or is of another kind.
        case notOurs
        /// The disk or the database failed; the same may succeed later.
        case unavailable
    }

    /// The kind of failure.
    package let code: Code
    /// A sentence without a full stop.
    package let message: String
    /// What lies behind it, for logs.
    package let cause: (any Error)?

    /// A failure of this kind.
    package init(_ code: Code, _ message: String, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String {
        cause.map { "\(message) (\($0))" } ?? message
    }
}
