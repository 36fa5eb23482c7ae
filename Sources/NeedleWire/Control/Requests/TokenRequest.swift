// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A client asks for an OpenID Connect token about itself.
package struct TokenRequest: Hashable, Sendable {
    /// What the client understands; absent means 0.
    package var capVersion = CapabilityVersion(0)
    /// The node that asks.
    package var nodeKey = NodeKey.zero
    /// Whom the token is for.
    package var audience = ""

    /// What is not given is left at the value that stands for "absent".
    package init(
        capVersion: CapabilityVersion = CapabilityVersion(0),
        nodeKey: NodeKey = .zero,
        audience: String = ""
    ) {
        self.capVersion = capVersion
        self.nodeKey = nodeKey
        self.audience = audience
    }
}

extension TokenRequest: JSONCoded {
    private enum Field: String, JSONField {
        case capVersion = "CapVersion"
        case nodeKey = "NodeKey"
        case audience = "Audience"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .capVersion: capVersion = try reader.value() ?? CapabilityVersion(0)
            case .nodeKey: nodeKey = try reader.value() ?? .zero
            case .audience: audience = try reader.shortText()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("CapVersion", capVersion)
        writer.field("NodeKey", nodeKey)
        writer.field("Audience", audience)
        writer.endObject()
    }
}
