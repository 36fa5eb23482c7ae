// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a server did that HTTP/2 does not allow, or that this client does not read.
package struct HTTP2Violation: Error, Equatable, Sendable, CustomStringConvertible {
    /// A clause such as "a frame of 20000 bytes where 16384 are the most".
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
