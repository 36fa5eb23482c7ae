// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
package import NeedleTypes

/// A pre-auth key as REST v1 shows it.
///
/// - Source: headscale's `v1.PreAuthKey` and `v1.NodePreAuthKey`: alone, a key that never expires carries Go's zero
///   time; inside a node it carries null.
package struct PreAuthKeyObject: Codable, Hashable, Sendable {
    /// Null for keys that make tagged nodes without an owner.
    package let user: UserObject?
    package let id: String
    /// The whole key in the answer to its creation, masked everywhere else.
    package let key: String
    package let reusable: Bool
    package let ephemeral: Bool
    package let used: Bool
    package let expiration: Timestamp?
    package let createdAt: Timestamp
    package let aclTags: [String]

    /// When the key stops working; nil means never.
    package var expiry: Timestamp? { expiration.flatMap { $0.isZero ? nil : $0 } }

    // Written out, since a missing value is a null here, which the compiler's version would leave out.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(user, forKey: .user)
        try container.encode(id, forKey: .id)
        try container.encode(key, forKey: .key)
        try container.encode(reusable, forKey: .reusable)
        try container.encode(ephemeral, forKey: .ephemeral)
        try container.encode(used, forKey: .used)
        try container.encode(expiration, forKey: .expiration)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(aclTags, forKey: .aclTags)
    }

    /// The body of answers about one key.
    package struct Envelope: Codable, Sendable {
        package let preAuthKey: PreAuthKeyObject
    }

    /// The body of lists of keys.
    package struct ListEnvelope: Codable, Sendable {
        package let preAuthKeys: [PreAuthKeyObject]
    }
}

extension PreAuthKeyObject {
    /// The key as it stands alone; with `secretText`, as the answer to its creation.
    init(_ record: PreAuthKeyRecord, secretText: String? = nil, in tailnet: Tailnet) {
        self.init(record, key: secretText ?? record.masked, unset: .zero, in: tailnet)
    }

    /// The key as a part of the node that joined with it.
    init(ofNode record: PreAuthKeyRecord, in tailnet: Tailnet) {
        self.init(record, key: record.masked, unset: nil, in: tailnet)
    }

    private init(_ record: PreAuthKeyRecord, key: String, unset: Timestamp?, in tailnet: Tailnet) {
        self.init(
            user: record.user.flatMap { tailnet.user($0) }.map { UserObject($0) },
            id: record.id.description,
            key: key,
            reusable: record.isReusable,
            ephemeral: record.isEphemeral,
            used: record.isUsed,
            expiration: record.expiration ?? unset,
            createdAt: record.createdAt,
            aclTags: record.tags
        )
    }
}
