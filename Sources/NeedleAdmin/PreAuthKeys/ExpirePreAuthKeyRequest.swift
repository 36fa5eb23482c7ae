// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The body of `POST /api/v1/preauthkey/expire`.
///
/// - Source: headscale's `v1.ExpirePreAuthKeyRequest`.
package struct ExpirePreAuthKeyRequest: Codable, Sendable {
    package var id: String?

    package init(id: String) {
        self.id = id
    }
}
