// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

@testable import NeedleTransport

/// Takes requests and never answers.
final class SilentRouter: InnerRouter {
    func handle(_ request: InnerRequest, on exchange: InnerExchange) {
        // Held, since an exchange that is let go is answered for it.
        exchange.onClosed = { _ = exchange }
    }
}
