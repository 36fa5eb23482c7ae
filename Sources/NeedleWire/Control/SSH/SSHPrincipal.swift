// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Whom an SSH rule is about; any one of its fields suffices.
package struct SSHPrincipal: Hashable, Sendable {
    /// The StableID of the source node; absent means this field matches nothing.
    package var node = ""
    /// An address of the source node; absent means this field matches nothing.
    package var nodeIP = ""
    /// The login name of the user that owns the source node; absent means this field matches nothing.
    package var userLogin = ""
    /// Whether everyone is meant; absent means no.
    package var any = false

    /// What is not given is left at the value that stands for "absent".
    package init(node: String = "", nodeIP: String = "", userLogin: String = "", any: Bool = false) {
        self.node = node
        self.nodeIP = nodeIP
        self.userLogin = userLogin
        self.any = any
    }
}

extension SSHPrincipal: JSONCoded {
    private enum Field: String, JSONField {
        case node
        case nodeIP
        case userLogin
        case any

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .node: node = try reader.shortText()
            case .nodeIP: nodeIP = try reader.shortText()
            case .userLogin: userLogin = try reader.shortText()
            case .any: any = try reader.value() ?? false
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("node", ifNotEmpty: node)
        writer.field("nodeIP", ifNotEmpty: nodeIP)
        writer.field("userLogin", ifNotEmpty: userLogin)
        writer.field("any", ifTrue: any)
        writer.endObject()
    }
}
