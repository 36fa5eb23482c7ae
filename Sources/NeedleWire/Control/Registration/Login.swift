// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A user at an identity provider.
///
/// The client keeps it as its current profile.
package struct Login: Hashable, Sendable {
    /// The login; the same number as that of the user.
    package var id = UserID(0)
    /// The identity provider; never absent, empty for users made here.
    package var provider = ""
    /// What the user logs in as, mostly an e-mail address.
    package var loginName = ""
    /// For people.
    package var displayName = ""
    /// A picture; absent means none.
    package var profilePicURL = ""

    /// What is not given is left at the value that stands for "absent".
    package init(
        id: UserID = UserID(0),
        provider: String = "",
        loginName: String = "",
        displayName: String = "",
        profilePicURL: String = ""
    ) {
        self.id = id
        self.provider = provider
        self.loginName = loginName
        self.displayName = displayName
        self.profilePicURL = profilePicURL
    }
}

extension Login: JSONCoded {
    private enum Field: String, JSONField {
        case id = "ID"
        case provider = "Provider"
        case loginName = "LoginName"
        case displayName = "DisplayName"
        case profilePicURL = "ProfilePicURL"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .id: id = try reader.value() ?? UserID(0)
            case .provider: provider = try reader.shortText()
            case .loginName: loginName = try reader.shortText()
            case .displayName: displayName = try reader.shortText()
            case .profilePicURL: profilePicURL = try reader.value() ?? ""
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("ID", id)
        writer.field("Provider", display: provider)
        writer.field("LoginName", display: loginName)
        writer.field("DisplayName", display: displayName)
        writer.field("ProfilePicURL", ifNotEmpty: profilePicURL)
        writer.endObject()
    }
}
