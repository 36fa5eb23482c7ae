// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The body of `POST /api/v1/policy/rollback`.
package struct RollBackPolicyRequest: Codable, Sendable {
    /// The number of the version whose text is to be in force again.
    package var version: String?
    package var author: String?
    package var comment: String?

    package init(version: String, author: String? = nil, comment: String? = nil) {
        self.version = version
        self.author = author
        self.comment = comment
    }
}
