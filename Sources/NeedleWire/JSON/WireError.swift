// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why a message of the control protocol could not be read.
///
/// Its text is for a log line or the body of an HTTP 400, and names the field so that whoever sent it can find it.
package struct WireError: Error, Hashable, Sendable {
    /// What kind of mistake it is.
    package enum Code: Hashable, Sendable {
        /// The text is not JSON: cut off, a bad escape, bad UTF-8, something after the end.
        case malformed
        /// A number where a string belongs, and the like.
        case wrongType
        /// The right type, but no key, address, time or number that fits.
        case invalidValue
        /// More of something than ``WireLimits`` allows.
        case limitExceeded
    }

    /// What kind of mistake it is.
    package let code: Code
    /// Where, such as `Hostinfo.Services[2].Port`; empty for the whole message.
    package let path: String
    /// What was expected, as a clause without a full stop.
    package let message: String

    /// An error at `path`.
    package init(_ code: Code, path: String = "", message: String) {
        self.code = code
        self.path = path
        self.message = message
    }
}

extension WireError: CustomStringConvertible {
    package var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
