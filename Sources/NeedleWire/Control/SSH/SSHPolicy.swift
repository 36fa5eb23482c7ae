// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Who may log in to a node through Tailscale SSH.
///
/// - Source: tailcfg.SSHPolicy; it replaces the one before as a whole.
package struct SSHPolicy: Hashable, Sendable {
    /// The rules, of which the first that matches counts; an empty list denies everyone.
    package var rules: [SSHRule] = []

    /// What is not given is left at the value that stands for "absent".
    package init(rules: [SSHRule] = []) {
        self.rules = rules
    }
}

extension SSHPolicy: JSONCoded {
    private enum Field: String, JSONField {
        case rules

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .rules: rules = try reader.list(max: WireLimits.serverListMax) ?? []
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("rules", rules)
        writer.endObject()
    }
}
