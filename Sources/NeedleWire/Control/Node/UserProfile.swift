// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A user, as maps show them.
package struct UserProfile: Hashable, Sendable {
    /// The user.
    package var id = UserID(0)
    /// What SSH rules call the user.
    package var loginName = ""
    /// For people.
    package var displayName = ""
    /// A picture; absent means none.
    package var profilePicURL = ""
    /// The groups that applications may be told of; absent means none.
    package var groups: [String] = []

    /// What is not given is left at the value that stands for "absent".
    package init(
        id: UserID = UserID(0),
        loginName: String = "",
        displayName: String = "",
        profilePicURL: String = "",
        groups: [String] = []
    ) {
        self.id = id
        self.loginName = loginName
        self.displayName = displayName
        self.profilePicURL = profilePicURL
        self.groups = groups
    }
}

extension UserProfile: JSONCoded {
    private enum Field: String, JSONField {
        case id = "ID"
        case loginName = "LoginName"
        case displayName = "DisplayName"
        case profilePicURL = "ProfilePicURL"
        case groups = "Groups"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .id: id = try reader.value() ?? UserID(0)
            case .loginName: loginName = try reader.shortText()
            case .displayName: displayName = try reader.shortText()
            case .profilePicURL: profilePicURL = try reader.value() ?? ""
            case .groups: groups = try reader.list(max: WireLimits.serverListMax) ?? []
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("ID", id)
        writer.field("LoginName", display: loginName)
        writer.field("DisplayName", display: displayName)
        writer.field("ProfilePicURL", ifNotEmpty: profilePicURL)
        writer.field("Groups", ifNotEmpty: groups)
        writer.endObject()
    }
}
