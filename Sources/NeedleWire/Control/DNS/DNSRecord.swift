// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A name that MagicDNS answers besides those of nodes.
package struct DNSRecord: Hashable, Sendable {
    /// The full name, with or without trailing dot.
    package var name = ""
    /// `A` or `AAAA`; absent means whichever the value is.
    package var type = ""
    /// The address.
    package var value = ""

    /// What is not given is left at the value that stands for "absent".
    package init(name: String = "", type: String = "", value: String = "") {
        self.name = name
        self.type = type
        self.value = value
    }
}

extension DNSRecord: JSONCoded {
    private enum Field: String, JSONField {
        case name = "Name"
        case type = "Type"
        case value = "Value"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .name: name = try reader.shortText()
            case .type: type = try reader.shortText()
            case .value: value = try reader.shortText()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Name", name)
        writer.field("Type", ifNotEmpty: type)
        writer.field("Value", value)
        writer.endObject()
    }
}
