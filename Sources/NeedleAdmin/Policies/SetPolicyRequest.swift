// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The body of `PUT /api/v1/policy`, and of `POST /api/v1/policy/check`, which looks at the text alone.
///
/// - Source: headscale's `v1.SetPolicyRequest`; author and comment are our addition.
package struct SetPolicyRequest: Codable, Sendable {
    package var policy: String?
    package var author: String?
    package var comment: String?

    package init(policy: String, author: String? = nil, comment: String? = nil) {
        self.policy = policy
        self.author = author
        self.comment = comment
    }

    var text: [UInt8] { Array((policy ?? "").utf8) }
}
