// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A user, as the answer to a registration names them.
package struct User: Hashable, Sendable {
    /// The user.
    package var id = UserID(0)
    /// For people; never absent.
    package var displayName = ""
    /// A picture; absent means none.
    package var profilePicURL = ""
    /// When the user was made; absent means unknown.
    package var created: Timestamp?

    /// What is not given is left at the value that stands for "absent".
    package init(
        id: UserID = UserID(0),
        displayName: String = "",
        profilePicURL: String = "",
        created: Timestamp? = nil
    ) {
        self.id = id
        self.displayName = displayName
        self.profilePicURL = profilePicURL
        self.created = created
    }
}

extension User: JSONCoded {
    private enum Field: String, JSONField {
        case id = "ID"
        case displayName = "DisplayName"
        case profilePicURL = "ProfilePicURL"
        case created = "Created"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .id: id = try reader.value() ?? UserID(0)
            case .displayName: displayName = try reader.shortText()
            case .profilePicURL: profilePicURL = try reader.value() ?? ""
            case .created: created = try reader.value()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("ID", id)
        writer.field("DisplayName", display: displayName)
        writer.field("ProfilePicURL", ifNotEmpty: profilePicURL)
        writer.field("Created", ifPresent: created)
        writer.endObject()
    }
}
