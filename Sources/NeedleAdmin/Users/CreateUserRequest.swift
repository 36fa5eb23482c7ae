// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedleTypes

/// The body of `POST /api/v1/user`; only the name is needed.
///
/// - Source: headscale's `v1.CreateUserRequest`; the role is our addition.
package struct CreateUserRequest: Codable, Sendable {
    package var name: String?
    package var displayName: String?
    package var email: String?
    package var pictureURL: String?
    /// Absent for the usual one.
    package var role: String?

    private enum CodingKeys: String, CodingKey {
        case name
        case displayName
        case email
        case pictureURL = "pictureUrl"
        case role
    }

    package init(
        name: String,
        displayName: String? = nil,
        email: String? = nil,
        pictureURL: String? = nil,
        role: String? = nil
    ) {
        self.name = name
        self.displayName = displayName
        self.email = email
        self.pictureURL = pictureURL
        self.role = role
    }

    func command() throws(ModelError) -> CreateUser {
        let role = try role.flatMap { $0.isEmpty ? nil : $0 }.map { text throws(ModelError) in
            try UserRole(named: text)
        }
        return CreateUser(
            name: name ?? "",
            displayName: displayName ?? "",
            email: email ?? "",
            profilePicURL: pictureURL ?? "",
            role: role
        )
    }
}
