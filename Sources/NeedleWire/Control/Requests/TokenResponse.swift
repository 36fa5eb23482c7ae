// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The answer to a ``TokenRequest``.
package struct TokenResponse: Hashable, Sendable {
    /// A signed JSON web token.
    package var idToken = ""

    /// What is not given is left at the value that stands for "absent".
    package init(idToken: String = "") {
        self.idToken = idToken
    }
}

extension TokenResponse: JSONCoded {
    package static var keyMatching: JSONReader.KeyMatching { .exact }

    private enum Field: String, JSONField {
        case idToken = "id_token"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .idToken: idToken = try reader.value() ?? ""
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id_token", idToken)
        writer.endObject()
    }
}
