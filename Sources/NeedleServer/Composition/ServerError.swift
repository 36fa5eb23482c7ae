// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why the server cannot start; a sentence that says what to do.
package struct ServerError: Error, CustomStringConvertible {
    package let description: String

    /// A reason.
    package init(_ description: String) {
        self.description = description
    }
}
