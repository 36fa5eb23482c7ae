// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A relay asks whether a client may use it.
package struct DERPAdmitClientRequest: Hashable, Sendable {
    /// The client.
    package var nodePublic = NodeKey.zero
    /// The address that it came from, or nothing.
    package var source = ""

    /// What is not given is left at the value that stands for "absent".
    package init(nodePublic: NodeKey = .zero, source: String = "") {
        self.nodePublic = nodePublic
        self.source = source
    }
}

extension DERPAdmitClientRequest: JSONCoded {
    private enum Field: String, JSONField {
        case nodePublic = "NodePublic"
        case source = "Source"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .nodePublic: nodePublic = try reader.value() ?? .zero
            case .source: source = try reader.shortText()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("NodePublic", nodePublic)
        writer.field("Source", source)
        writer.endObject()
    }
}
