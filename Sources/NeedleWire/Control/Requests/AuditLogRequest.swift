// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A client reports what its person did, such as disconnecting.
package struct AuditLogRequest: Hashable, Sendable {
    /// What the client understands; absent means 0.
    package var version = CapabilityVersion(0)
    /// The node that asks.
    package var nodeKey = NodeKey.zero
    /// `DISCONNECT_NODE`.
    package var action = ""
    /// The reason that was given.
    package var details = ""
    /// When.
    package var timestamp = Timestamp.zero

    /// What is not given is left at the value that stands for "absent".
    package init(
        version: CapabilityVersion = CapabilityVersion(0),
        nodeKey: NodeKey = .zero,
        action: String = "",
        details: String = "",
        timestamp: Timestamp = .zero
    ) {
        self.version = version
        self.nodeKey = nodeKey
        self.action = action
        self.details = details
        self.timestamp = timestamp
    }
}

extension AuditLogRequest: JSONCoded {
    private enum Field: String, JSONField {
        case version = "Version"
        case nodeKey = "NodeKey"
        case action = "Action"
        case details = "Details"
        case timestamp = "Timestamp"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .version: version = try reader.value() ?? CapabilityVersion(0)
            case .nodeKey: nodeKey = try reader.value() ?? .zero
            case .action: action = try reader.shortText()
            case .details: details = try reader.value() ?? ""
            case .timestamp: timestamp = try reader.value() ?? .zero
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Version", version)
        writer.field("NodeKey", nodeKey)
        writer.field("Action", action)
        writer.field("Details", details)
        writer.field("Timestamp", timestamp)
        writer.endObject()
    }
}
