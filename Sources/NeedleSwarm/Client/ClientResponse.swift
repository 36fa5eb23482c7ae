// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A whole response to a request inside the control connection.
package struct ClientResponse: Equatable, Sendable {
    /// Its HTTP status.
    package var status: Int
    /// Its body.
    package var body: [UInt8]

    /// The body as text, without the line breaks at its end.
    package var text: String { String(decoding: body, as: UTF8.self).trimmingNewlines }
}
