// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why a command was not carried out; the message is for the person who asked, and says what to do.
package struct ModelError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of refusal it is; adapters turn it into a status.
    package enum Code: Hashable, Sendable {
        /// The thing that was named does not exist.
        case notFound
        /// Another thing has that name or key.
        case conflict
        /// What was asked is malformed or makes no sense.
        case invalid
        /// It may not be done.
        case refused
        /// There is no more of something (addresses, names).
        case exhausted
        /// The server is too busy or is stopping; the same request may succeed later.
        case unavailable
    }

    /// The kind of refusal.
    package let code: Code
    /// A sentence without a full stop.
    package let message: String

    /// A refusal of this kind with this message.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
