// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A client asks for a TXT record, to prove a name to a certificate authority.
///
/// The answer is `{}`; an empty body counts as an error.
package struct SetDNSRequest: Hashable, Sendable {
    /// What the client understands; absent means 0.
    package var version = CapabilityVersion(0)
    /// The node that asks.
    package var nodeKey = NodeKey.zero
    /// `_acme-challenge.` and a certificate domain.
    package var name = ""
    /// `TXT`.
    package var type = ""
    /// The proof.
    package var value = ""

    /// What is not given is left at the value that stands for "absent".
    package init(
        version: CapabilityVersion = CapabilityVersion(0),
        nodeKey: NodeKey = .zero,
        name: String = "",
        type: String = "",
        value: String = ""
    ) {
        self.version = version
        self.nodeKey = nodeKey
        self.name = name
        self.type = type
        self.value = value
    }
}

extension SetDNSRequest: JSONCoded {
    private enum Field: String, JSONField {
        case version = "Version"
        case nodeKey = "NodeKey"
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
            case .version: version = try reader.value() ?? CapabilityVersion(0)
            case .nodeKey: nodeKey = try reader.value() ?? .zero
            case .name: name = try reader.shortText()
            case .type: type = try reader.shortText()
            case .value: value = try reader.shortText()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Version", version)
        writer.field("NodeKey", nodeKey)
        writer.field("Name", name)
        writer.field("Type", type)
        writer.field("Value", value)
        writer.endObject()
    }
}
