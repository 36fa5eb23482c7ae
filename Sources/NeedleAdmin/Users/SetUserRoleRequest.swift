// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The body of `POST /api/v1/user/{id}/role`.
package struct SetUserRoleRequest: Codable, Sendable {
    package var role: String?

    package init(role: String) {
        self.role = role
    }
}
