// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
package import NeedleTypes

/// One version of the policy, as the list of all of them shows it.
package struct PolicyVersionObject: Codable, Hashable, Sendable {
    /// Its number.
    package let id: String
    package let createdAt: Timestamp
    /// Who set it, as far as known; may be empty.
    package let author: String
    /// Why; may be empty.
    package let comment: String
    /// How long its text is.
    package let bytes: Int
    /// Whether it is the one in force.
    package let inForce: Bool

    /// The body of lists of versions, the newest first.
    package struct ListEnvelope: Codable, Sendable {
        package let versions: [PolicyVersionObject]
    }
}

extension PolicyVersionObject {
    init(_ version: PolicyVersion, in tailnet: Tailnet) {
        self.init(
            id: version.id.description,
            createdAt: version.createdAt,
            author: version.author,
            comment: version.comment,
            bytes: version.byteCount,
            inForce: version.id == tailnet.policyVersions.last?.id
        )
    }
}
