// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A client sets or deletes posture attributes of its node.
package struct SetDeviceAttributesRequest: Hashable, Sendable {
    /// What the client understands; absent means 0.
    package var version = CapabilityVersion(0)
    /// The node that asks.
    package var nodeKey = NodeKey.zero
    /// The attributes to change; absent means none.
    package var update: [String: DeviceAttribute] = [:]

    /// What is not given is left at the value that stands for "absent".
    package init(
        version: CapabilityVersion = CapabilityVersion(0),
        nodeKey: NodeKey = .zero,
        update: [String: DeviceAttribute] = [:]
    ) {
        self.version = version
        self.nodeKey = nodeKey
        self.update = update
    }
}

extension SetDeviceAttributesRequest: JSONCoded {
    private enum Field: String, JSONField {
        case version = "Version"
        case nodeKey = "NodeKey"
        case update = "Update"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .version: version = try reader.value() ?? CapabilityVersion(0)
            case .nodeKey: nodeKey = try reader.value() ?? .zero
            case .update:
                update =
                    try reader.dictionary(max: WireLimits.attributesMax) { (reader) throws(WireError) in
                        try DeviceAttribute(from: &reader)
                    } ?? [:]
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Version", version)
        writer.field("NodeKey", nodeKey)
        writer.field("Update", update)
        writer.endObject()
    }
}
