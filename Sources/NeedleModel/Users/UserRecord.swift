// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A person (or a service) who owns nodes.
///
/// The fields are headscale's, so that its API objects and an imported database map one to one.
package struct UserRecord: Hashable, Sendable {
    /// The first user is 1.
    package let id: UserID
    /// Unique within the tailnet; what commands and policies call the user.
    package var name: String
    /// For people; empty means none.
    package var displayName: String
    /// Empty means none.
    package var email: String
    /// Empty means none.
    package var profilePicURL: String
    /// What the user may do; exactly one user of a tailnet is its owner, unless that one was deleted.
    package var role: UserRole
    /// When the user was made.
    package let createdAt: Timestamp

    /// All fields as given.
    package init(
        id: UserID,
        name: String,
        displayName: String = "",
        email: String = "",
        profilePicURL: String = "",
        role: UserRole = .member,
        createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.displayName = displayName
        self.email = email
        self.profilePicURL = profilePicURL
        self.role = role
        self.createdAt = createdAt
    }

    /// What people are shown: the display name, else the name.
    package var shownName: String { displayName.isEmpty ? name : displayName }

    /// What clients call the account: the e-mail address, else the name.
    package var loginName: String { email.isEmpty ? name : email }

    /// The pseudo user that owns tagged nodes on the wire and in lists.
    ///
    /// - Source: headscale's synthetic user, id 2147455555.
    package static let taggedDevicesID = UserID(2_147_455_555)
    /// The name of the pseudo user.
    package static let taggedDevicesName = "tagged-devices"
}
