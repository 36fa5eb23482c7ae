// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
package import NeedleTypes

/// The body of `POST /api/v1/preauthkey`; a user or tags are needed.
///
/// - Source: headscale's `v1.CreatePreAuthKeyRequest`; there, user `0` or an empty text means no user.
package struct CreatePreAuthKeyRequest: Codable, Sendable {
    package var user: String?
    package var reusable: Bool?
    package var ephemeral: Bool?
    /// Absent, null or Go's zero time mean never.
    package var expiration: Timestamp?
    package var aclTags: [String]?

    package init(user: String?, reusable: Bool, ephemeral: Bool, expiration: Timestamp?, aclTags: [String]) {
        self.user = user
        self.reusable = reusable
        self.ephemeral = ephemeral
        self.expiration = expiration
        self.aclTags = aclTags
    }

    func command() throws(ModelError) -> CreatePreAuthKey {
        let owner = try user.flatMap { $0.isEmpty ? nil : $0 }.map { text throws(ModelError) in
            try IdentifierText.parse(text, of: "user", as: UserID.self)
        }
        return CreatePreAuthKey(
            user: owner?.value == 0 ? nil : owner,
            isReusable: reusable ?? false,
            isEphemeral: ephemeral ?? false,
            tags: aclTags ?? [],
            expiration: expiration.flatMap { $0.isZero ? nil : $0 }
        )
    }
}
