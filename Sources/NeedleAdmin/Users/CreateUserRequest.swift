// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel

/// The body of `POST /api/v1/user`; only the name is needed.
///
/// - Source: headscale's `v1.CreateUserRequest`.
package struct CreateUserRequest: Codable, Sendable {
    package var name: String?
    package var displayName: String?
    package var email: String?
    package var pictureURL: String?

    private enum CodingKeys: String, CodingKey {
        case name
        case displayName
        case email
        case pictureURL = "pictureUrl"
    }

    package init(name: String, displayName: String? = nil, email: String? = nil, pictureURL: String? = nil) {
        self.name = name
        self.displayName = displayName
        self.email = email
        self.pictureURL = pictureURL
    }

    var command: CreateUser {
        CreateUser(
            name: name ?? "",
            displayName: displayName ?? "",
            email: email ?? "",
            profilePicURL: pictureURL ?? ""
        )
    }
}
