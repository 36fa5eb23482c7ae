// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// One rule of an SSH policy.
package struct SSHRule: Hashable, Sendable {
    /// When the rule ends to hold; absent means never.
    package var ruleExpires: Timestamp?
    /// Who; any one of them suffices.
    package var principals: [SSHPrincipal] = []
    /// The requested user, or `*`, to the local user; `=` keeps the name, an empty text refuses it. Absent maps nobody,
    /// which suits rules that reject.
    package var sshUsers: [String: String] = [:]
    /// What happens; absent means the rule never matches.
    package var action: SSHAction?
    /// Environment variables that the client may set, with `*` and `?`; absent means none.
    package var acceptEnv: [String] = []

    /// What is not given is left at the value that stands for "absent".
    package init(
        ruleExpires: Timestamp? = nil,
        principals: [SSHPrincipal] = [],
        sshUsers: [String: String] = [:],
        action: SSHAction? = nil,
        acceptEnv: [String] = []
    ) {
        self.ruleExpires = ruleExpires
        self.principals = principals
        self.sshUsers = sshUsers
        self.action = action
        self.acceptEnv = acceptEnv
    }
}

extension SSHRule: JSONCoded {
    private enum Field: String, JSONField {
        case ruleExpires
        case principals
        case sshUsers
        case action
        case acceptEnv

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .ruleExpires: ruleExpires = try reader.value()
            case .principals: principals = try reader.list(max: WireLimits.serverListMax) ?? []
            case .sshUsers: sshUsers = try reader.dictionary(max: WireLimits.serverListMax) ?? [:]
            case .action: action = try reader.value()
            case .acceptEnv: acceptEnv = try reader.list(max: WireLimits.serverListMax) ?? []
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("ruleExpires", ifPresent: ruleExpires)
        writer.field("principals", principals)
        if !sshUsers.isEmpty { writer.field("sshUsers", sshUsers) }
        writer.field("action", ifPresent: action)
        writer.field("acceptEnv", ifNotEmpty: acceptEnv)
        writer.endObject()
    }
}
