// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A client asks how to get a feature switched on.
package struct QueryFeatureRequest: Hashable, Sendable {
    /// What is asked for, such as `serve` or `funnel`.
    package var feature = ""
    /// The node that asks.
    package var nodeKey = NodeKey.zero

    /// What is not given is left at the value that stands for "absent".
    package init(feature: String = "", nodeKey: NodeKey = .zero) {
        self.feature = feature
        self.nodeKey = nodeKey
    }
}

extension QueryFeatureRequest: JSONCoded {
    private enum Field: String, JSONField {
        case feature = "Feature"
        case nodeKey = "NodeKey"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .feature: feature = try reader.shortText()
            case .nodeKey: nodeKey = try reader.value() ?? .zero
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Feature", feature)
        writer.field("NodeKey", nodeKey)
        writer.endObject()
    }
}
