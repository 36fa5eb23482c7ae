// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A client (before 1.90) tells of a problem that began or ended.
package struct HealthChangeRequest: Hashable, Sendable {
    /// What has the problem.
    package var subsystem = ""
    /// The problem; empty means it is over.
    package var error = ""
    /// The node that asks.
    package var nodeKey = NodeKey.zero

    /// What is not given is left at the value that stands for "absent".
    package init(subsystem: String = "", error: String = "", nodeKey: NodeKey = .zero) {
        self.subsystem = subsystem
        self.error = error
        self.nodeKey = nodeKey
    }
}

extension HealthChangeRequest: JSONCoded {
    private enum Field: String, JSONField {
        case subsystem = "Subsys"
        case error = "Error"
        case nodeKey = "NodeKey"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .subsystem: subsystem = try reader.shortText()
            case .error: error = try reader.value() ?? ""
            case .nodeKey: nodeKey = try reader.value() ?? .zero
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Subsys", subsystem)
        writer.field("Error", error)
        writer.field("NodeKey", nodeKey)
        writer.endObject()
    }
}
