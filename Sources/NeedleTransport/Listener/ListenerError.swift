// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why a listener could not start.
package struct ListenerError: Error, CustomStringConvertible {
    /// What was asked for.
    package let host: String
    /// What was asked for.
    package let port: Int
    /// What the system says.
    package let cause: any Error

    package var description: String {
        "cannot listen on \(host) port \(port): \(cause). Choose another address or port, or end whoever uses it."
    }
}
