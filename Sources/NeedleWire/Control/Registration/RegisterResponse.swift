// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The answer to a ``RegisterRequest``; always sent with status 200 and every field.
///
/// The Rust client refuses an answer in which a field is missing (reference: protocol trap 6).
package struct RegisterResponse: Hashable, Sendable {
    /// Who owns the node; zero while ``authURL`` is set.
    package var user = User()
    /// How they logged in; zero while ``authURL`` is set.
    package var login = Login()
    /// Whether the client must come back with a new node key.
    package var nodeKeyExpired = false
    /// Whether the node may use the tailnet; false while ``authURL`` is set, or the Rust client takes it for success.
    package var machineAuthorized = false
    /// Where a person must go to let the node in; empty when nobody has to.
    package var authURL = ""
    /// A tailnet lock signature that the client is to renew for its new key; absent means none.
    package var nodeKeySignature: [UInt8]?
    /// Why the node may not join, shown to the person as it is; empty when it may.
    package var error = ""

    /// What is not given is left at the value that stands for "absent".
    package init(
        user: User = User(),
        login: Login = Login(),
        nodeKeyExpired: Bool = false,
        machineAuthorized: Bool = false,
        authURL: String = "",
        nodeKeySignature: [UInt8]? = nil,
        error: String = ""
    ) {
        self.user = user
        self.login = login
        self.nodeKeyExpired = nodeKeyExpired
        self.machineAuthorized = machineAuthorized
        self.authURL = authURL
        self.nodeKeySignature = nodeKeySignature
        self.error = error
    }
}

extension RegisterResponse: JSONCoded {
    package static var keyMatching: JSONReader.KeyMatching { .exact }

    private enum Field: String, JSONField {
        case user = "User"
        case login = "Login"
        case nodeKeyExpired = "NodeKeyExpired"
        case machineAuthorized = "MachineAuthorized"
        case authURL = "AuthURL"
        case nodeKeySignature = "NodeKeySignature"
        case error = "Error"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .user: user = try reader.value() ?? User()
            case .login: login = try reader.value() ?? Login()
            case .nodeKeyExpired: nodeKeyExpired = try reader.value() ?? false
            case .machineAuthorized: machineAuthorized = try reader.value() ?? false
            case .authURL: authURL = try reader.value() ?? ""
            case .nodeKeySignature: nodeKeySignature = try reader.base64(max: WireLimits.blobBytesMax)
            case .error: error = try reader.value() ?? ""
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("User", user)
        writer.field("Login", login)
        writer.field("NodeKeyExpired", nodeKeyExpired)
        writer.field("MachineAuthorized", machineAuthorized)
        writer.field("AuthURL", authURL)
        writer.field("NodeKeySignature", base64IfPresent: nodeKeySignature)
        writer.field("Error", error)
        writer.endObject()
    }
}
