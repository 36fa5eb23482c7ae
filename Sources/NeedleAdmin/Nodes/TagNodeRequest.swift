// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The body of `POST /api/v1/node/{id}/tags`: all tags that the node is to have.
///
/// - Source: headscale's `v1.SetTagsRequest`.
package struct TagNodeRequest: Codable, Sendable {
    package var tags: [String]?

    package init(tags: [String]) {
        self.tags = tags
    }
}
