// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The body of `GET /api/v1/health`.
///
/// - Source: headscale's `v1.HealthResponse`.
package struct HealthObject: Codable, Hashable, Sendable {
    package let databaseConnectivity: Bool
}
