// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedleTypes

/// The body of `POST /api/v1/node/{id}/approve_routes`: all routes that the node may serve.
///
/// - Source: headscale's `v1.SetApprovedRoutesRequest`.
package struct ApproveRoutesRequest: Codable, Sendable {
    package var routes: [String]?

    package init(routes: [String]) {
        self.routes = routes
    }

    /// - Throws: `invalid` with the first text that is no prefix.
    func prefixes() throws(ModelError) -> [IPPrefix] {
        var prefixes: [IPPrefix] = []
        for text in routes ?? [] {
            guard let prefix = IPPrefix(text: text) else {
                throw ModelError(.invalid, "'\(text.prefix(60))' is not a route; write one such as 10.0.0.0/24")
            }
            prefixes.append(prefix)
        }
        return prefixes
    }
}
