// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Answers the requests inside Noise connections.
package protocol InnerRouter: Sendable {
    /// Takes one request.
    ///
    /// Called on the connection's event loop; must not block it. Answer through `exchange`, now or later. If the
    /// exchange is let go without an answer, the client is told 500.
    func handle(_ request: InnerRequest, on exchange: InnerExchange)
}
