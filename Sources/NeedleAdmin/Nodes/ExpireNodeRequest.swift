// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// The body of `POST /api/v1/node/{id}/expire`; an empty one means now.
///
/// - Source: headscale's `v1.ExpireNodeRequest`.
package struct ExpireNodeRequest: Codable, Sendable {
    package var expiry: Timestamp?
    package var disableExpiry: Bool?

    package init(expiry: Timestamp? = nil, disableExpiry: Bool? = nil) {
        self.expiry = expiry
        self.disableExpiry = disableExpiry
    }
}
