// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
package import NeedleTypes

/// A user as REST v1 shows it; every field is always there.
///
/// - Source: headscale's `v1.User`.
package struct UserObject: Codable, Hashable, Sendable {
    package let id: String
    package let name: String
    package let createdAt: Timestamp
    package let displayName: String
    package let email: String
    /// The user's identity at the OIDC provider; empty without one.
    package let providerID: String
    /// `oidc`, or empty for users that an administrator made.
    package let provider: String
    package let profilePicURL: String
    /// What the user may do; headscale has no such field, so it is there only where it was asked for.
    package let role: String?

    private enum CodingKeys: String, CodingKey {
        case id
        case name
        case createdAt
        case displayName
        case email
        case providerID = "providerId"
        case provider
        case profilePicURL = "profilePicUrl"
        case role
    }

    /// The body of answers about one user.
    package struct Envelope: Codable, Sendable {
        package let user: UserObject
    }

    /// The body of lists of users.
    package struct ListEnvelope: Codable, Sendable {
        package let users: [UserObject]
    }
}

extension UserObject {
    init(_ user: UserRecord, showsRole: Bool = false) {
        self.init(
            id: user.id.description,
            name: user.name,
            createdAt: user.createdAt,
            displayName: user.displayName,
            email: user.email,
            providerID: "",
            provider: "",
            profilePicURL: user.profilePicURL,
            role: showsRole ? user.role.rawValue : nil
        )
    }

    /// Who stands as the user of tagged nodes in lists.
    ///
    /// - Source: headscale's `TaggedDevices`; its creation time is Go's zero time.
    static let taggedDevices = UserObject(
        id: UserRecord.taggedDevicesID.description,
        name: UserRecord.taggedDevicesName,
        createdAt: .zero,
        displayName: "Tagged Devices",
        email: "",
        providerID: "",
        provider: "",
        profilePicURL: "",
        role: nil
    )
}
