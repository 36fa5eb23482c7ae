// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The answer to a ``DERPAdmitClientRequest``.
package struct DERPAdmitClientResponse: Hashable, Sendable {
    /// Whether it may.
    package var allow = false

    /// What is not given is left at the value that stands for "absent".
    package init(allow: Bool = false) {
        self.allow = allow
    }
}

extension DERPAdmitClientResponse: JSONCoded {
    package static var keyMatching: JSONReader.KeyMatching { .exact }

    private enum Field: String, JSONField {
        case allow = "Allow"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .allow: allow = try reader.value() ?? false
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Allow", allow)
        writer.endObject()
    }
}
