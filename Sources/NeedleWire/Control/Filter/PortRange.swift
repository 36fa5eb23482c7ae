// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A range of ports, ends included.
package struct PortRange: Hashable, Sendable {
    /// The lowest port; absent means 0.
    package var first: UInt16 = 0
    /// The highest port; absent means 0.
    package var last: UInt16 = 0

    /// What is not given is left at the value that stands for "absent".
    package init(first: UInt16 = 0, last: UInt16 = 0) {
        self.first = first
        self.last = last
    }
}

extension PortRange {
    /// Every port, 0 to 65535.
    package static let any = PortRange(first: 0, last: .max)
}

extension PortRange: JSONCoded {
    private enum Field: String, JSONField {
        case first = "First"
        case last = "Last"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .first: first = try reader.value() ?? 0
            case .last: last = try reader.value() ?? 0
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("First", first)
        writer.field("Last", last)
        writer.endObject()
    }
}
