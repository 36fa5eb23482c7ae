// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A node asks to join, to renew its key, to log out, or what became of its log-in.
///
/// Machine certificates of Windows (`SignatureType`, `Timestamp`, `DeviceCert`, `Signature`) are not read.
///
/// - Source: tailcfg.RegisterRequest.
package struct RegisterRequest: Hashable, Sendable {
    /// What the client understands; absent means 0, which is below the minimum.
    package var version = CapabilityVersion(0)
    /// The key to register; zero is a mistake of the client.
    package var nodeKey = NodeKey.zero
    /// The key that it replaces; absent or zero means none.
    package var oldNodeKey = NodeKey.zero
    /// The node's tailnet lock key; absent or zero means none.
    package var nlKey = NetworkLockKey.zero
    /// What the node brings; absent means a person has to let it in.
    package var auth: RegisterRequestAuth?
    /// When the key is to expire; in the past means log out.
    ///
    /// Absent or zero means no wish.
    package var expiry = Timestamp.zero
    /// The `AuthURL` of an earlier answer, whose outcome the node waits for; empty means none.
    package var followup = ""
    /// What the node says about itself; absent means nothing new.
    package var hostinfo: Hostinfo?
    /// Whether the node is to be deleted when it goes; absent means no.
    package var ephemeral = false
    /// A tailnet lock signature for ``nodeKey``; absent, null or empty means none.
    package var nodeKeySignature: [UInt8]?
    /// The tailnet that is meant; absent means any.
    package var tailnet = ""

    /// Every field at the value that stands for "absent".
    package init() {}
}

extension RegisterRequest: JSONCoded {
    private enum Field: String, JSONField {
        case version = "Version"
        case nodeKey = "NodeKey"
        case oldNodeKey = "OldNodeKey"
        case nlKey = "NLKey"
        case auth = "Auth"
        case expiry = "Expiry"
        case followup = "Followup"
        case hostinfo = "Hostinfo"
        case ephemeral = "Ephemeral"
        case nodeKeySignature = "NodeKeySignature"
        case tailnet = "Tailnet"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .version: version = try reader.value() ?? CapabilityVersion(0)
            case .nodeKey: nodeKey = try reader.value() ?? .zero
            case .oldNodeKey: oldNodeKey = try reader.value() ?? .zero
            case .nlKey: nlKey = try reader.value() ?? .zero
            case .auth: auth = try reader.value()
            case .expiry: expiry = try reader.value() ?? .zero
            case .followup: followup = try reader.value() ?? ""
            case .hostinfo: hostinfo = try reader.value()
            case .ephemeral: ephemeral = try reader.value() ?? false
            case .nodeKeySignature: nodeKeySignature = try reader.base64(max: WireLimits.blobBytesMax)
            case .tailnet: tailnet = try reader.shortText()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Version", version)
        writer.field("NodeKey", nodeKey)
        writer.field("OldNodeKey", oldNodeKey)
        writer.field("NLKey", nlKey)
        writer.field("Auth", ifPresent: auth)
        writer.field("Expiry", expiry)
        writer.field("Followup", followup)
        writer.field("Hostinfo", ifPresent: hostinfo)
        writer.field("Ephemeral", ifTrue: ephemeral)
        writer.field("NodeKeySignature", base64IfPresent: nodeKeySignature)
        writer.field("Tailnet", ifNotEmpty: tailnet)
        writer.endObject()
    }
}
