// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a node brings to be let in without a person.
package struct RegisterRequestAuth: Hashable, Sendable {
    /// A pre-auth key; absent means none.
    package var authKey = ""

    /// What is not given is left at the value that stands for "absent".
    package init(authKey: String = "") {
        self.authKey = authKey
    }
}

extension RegisterRequestAuth: JSONCoded {
    private enum Field: String, JSONField {
        case authKey = "AuthKey"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .authKey: authKey = try reader.shortText()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("AuthKey", ifNotEmpty: authKey)
        writer.endObject()
    }
}
