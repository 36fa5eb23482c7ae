// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A node as a map shows it: the client's own, or a peer.
///
/// The first message of a stream must have the client's own node. Prefixes have no host bits and lists no null, as the
/// two clients ask (reference: protocol 3.7, 7.5).
///
/// - Source: tailcfg.Node.
/// - Complexity: writing a usual peer of 800 bytes takes 1.3 µs of one busy core; see ``JSONWriter``.
package struct Node: Hashable, Sendable {
    /// Above 0, never given out again.
    package var id = NodeID(0)
    /// The same for ever; what exit nodes and SSH rules are named by.
    package var stableID = ""
    /// The full name with a trailing dot; the tailnet's suffix is what follows the first label.
    package var name = ""
    /// The owner; `UserProfiles` must have them.
    package var user = UserID(0)
    /// Who shared the node from another tailnet; absent means nobody.
    package var sharer: UserID?
    /// The WireGuard key.
    package var key = NodeKey.zero
    /// When the key expires; absent means never.
    ///
    /// In the past, a client takes itself for logged out.
    package var keyExpiry: Timestamp?
    /// The tailnet lock signature; absent means none.
    package var keySignature: [UInt8]?
    /// The machine; absent for peers.
    package var machine = MachineKey.zero
    /// The discovery key; absent means the node cannot be reached.
    package var discoKey = DiscoKey.zero
    /// The node's own addresses: exactly one IPv4, then one IPv6, or the Rust client drops the message.
    package var addresses: [IPPrefix] = []
    /// What is routed to the node, ``addresses`` included; absent means ``addresses`` alone, empty means nothing.
    ///
    /// Always written, since clients below capver 112 do not know what absent means.
    package var allowedIPs: [IPPrefix]?
    /// Where its WireGuard may be reached; always written, since absent in a later update means unchanged.
    package var endpoints: [Endpoint]?
    /// `127.3.3.40:` and the home region, for clients below capver 111; absent means ``homeDERP`` counts.
    package var legacyDERP = ""
    /// The home region; absent or 0 means unknown, or unchanged in a later update.
    package var homeDERP = 0
    /// For peers ``Hostinfo/peerView``; absent means no PeerAPI.
    package var hostinfo: Hostinfo?
    /// When the node was made; absent means unknown.
    package var created: Timestamp?
    /// What the node itself understands; absent means unknown.
    package var cap: CapabilityVersion?
    /// Its tags; absent means it belongs to a user.
    package var tags: [String] = []
    /// The subnets that it routes now; absent means none.
    package var primaryRoutes: [IPPrefix] = []
    /// When it was last online; absent while it is.
    package var lastSeen: Timestamp?
    /// Whether it is online; absent counts as offline.
    ///
    /// Always written, since clients do not notice a change from absent.
    package var online: Bool?
    /// Whether the node may use the tailnet; absent means it waits for an approval.
    package var machineAuthorized = false
    /// Features of the client's own node, attributes of a peer; absent means none, also in a later update.
    package var capMap: CapMap = [:]
    /// Whether a peer without tailnet lock signature may be reached on its PeerAPI; absent means no.
    package var unsignedPeerAPIOnly = false
    /// For flow logs; absent means none.
    package var dataPlaneAuditLogID = ""
    /// Whether the key has expired; absent means no.
    package var expired = false
    /// The address that this peer knows the client by; absent means its own.
    package var selfNodeV4MasqAddrForThisPeer: IPAddress?
    /// The address that this peer knows the client by; absent means its own.
    package var selfNodeV6MasqAddrForThisPeer: IPAddress?
    /// Whether the peer knows WireGuard and nothing else; absent means no.
    package var isWireGuardOnly = false
    /// Whether the peer must not open connections to the client; absent means it may.
    package var isJailed = false
    /// DNS servers to use with this exit node; absent means its own proxy.
    package var exitNodeDNSResolvers: [Resolver] = []

    /// Every field at the value that stands for "absent".
    package init() {}
}

extension Node: JSONCoded {
    package static var keyMatching: JSONReader.KeyMatching { .exact }

    private enum Field: String, JSONField {
        case id = "ID"
        case stableID = "StableID"
        case name = "Name"
        case user = "User"
        case sharer = "Sharer"
        case key = "Key"
        case keyExpiry = "KeyExpiry"
        case keySignature = "KeySignature"
        case machine = "Machine"
        case discoKey = "DiscoKey"
        case addresses = "Addresses"
        case allowedIPs = "AllowedIPs"
        case endpoints = "Endpoints"
        case legacyDERP = "DERP"
        case homeDERP = "HomeDERP"
        case hostinfo = "Hostinfo"
        case created = "Created"
        case cap = "Cap"
        case tags = "Tags"
        case primaryRoutes = "PrimaryRoutes"
        case lastSeen = "LastSeen"
        case online = "Online"
        case machineAuthorized = "MachineAuthorized"
        case capMap = "CapMap"
        case unsignedPeerAPIOnly = "UnsignedPeerAPIOnly"
        case dataPlaneAuditLogID = "DataPlaneAuditLogID"
        case expired = "Expired"
        case selfNodeV4MasqAddrForThisPeer = "SelfNodeV4MasqAddrForThisPeer"
        case selfNodeV6MasqAddrForThisPeer = "SelfNodeV6MasqAddrForThisPeer"
        case isWireGuardOnly = "IsWireGuardOnly"
        case isJailed = "IsJailed"
        case exitNodeDNSResolvers = "ExitNodeDNSResolvers"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .id: id = try reader.value() ?? NodeID(0)
            case .stableID: stableID = try reader.shortText()
            case .name: name = try reader.shortText()
            case .user: user = try reader.value() ?? UserID(0)
            case .sharer: sharer = try reader.value()
            case .key: key = try reader.value() ?? .zero
            case .keyExpiry: keyExpiry = try reader.value()
            case .keySignature: keySignature = try reader.base64(max: WireLimits.blobBytesMax)
            case .machine: machine = try reader.value() ?? .zero
            case .discoKey: discoKey = try reader.value() ?? .zero
            case .addresses: addresses = try reader.list(max: WireLimits.serverListMax) ?? []
            case .allowedIPs: allowedIPs = try reader.list(max: WireLimits.serverListMax)
            case .endpoints: endpoints = try reader.list(max: WireLimits.serverListMax)
            case .legacyDERP: legacyDERP = try reader.shortText()
            case .homeDERP: homeDERP = try reader.value() ?? 0
            case .hostinfo: hostinfo = try reader.value()
            case .created: created = try reader.value()
            case .cap: cap = try reader.value()
            case .tags: tags = try reader.list(max: WireLimits.serverListMax) ?? []
            case .primaryRoutes: primaryRoutes = try reader.list(max: WireLimits.serverListMax) ?? []
            case .lastSeen: lastSeen = try reader.value()
            case .online: online = try reader.value()
            case .machineAuthorized: machineAuthorized = try reader.value() ?? false
            case .capMap: capMap = try reader.capMap(max: WireLimits.serverListMax) ?? [:]
            case .unsignedPeerAPIOnly: unsignedPeerAPIOnly = try reader.value() ?? false
            case .dataPlaneAuditLogID: dataPlaneAuditLogID = try reader.shortText()
            case .expired: expired = try reader.value() ?? false
            case .selfNodeV4MasqAddrForThisPeer: selfNodeV4MasqAddrForThisPeer = try reader.value()
            case .selfNodeV6MasqAddrForThisPeer: selfNodeV6MasqAddrForThisPeer = try reader.value()
            case .isWireGuardOnly: isWireGuardOnly = try reader.value() ?? false
            case .isJailed: isJailed = try reader.value() ?? false
            case .exitNodeDNSResolvers: exitNodeDNSResolvers = try reader.list(max: WireLimits.serverListMax) ?? []
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("ID", id)
        writer.field("StableID", stableID)
        writer.field("Name", display: name)
        writer.field("User", user)
        writer.field("Sharer", ifPresent: sharer)
        writer.field("Key", key)
        writer.field("KeyExpiry", ifPresent: keyExpiry)
        writer.field("KeySignature", base64IfPresent: keySignature)
        writer.field("Machine", ifNotZero: machine)
        writer.field("DiscoKey", ifNotZero: discoKey)
        writer.field("Addresses", addresses)
        writer.field("AllowedIPs", allowedIPs ?? addresses)
        writer.field("Endpoints", endpoints ?? [])
        writer.field("DERP", ifNotEmpty: legacyDERP)
        writer.field("HomeDERP", ifNotZero: homeDERP)
        writer.field("Hostinfo", ifPresent: hostinfo)
        writer.field("Created", ifPresent: created)
        writer.field("Cap", ifPresent: cap)
        writer.field("Tags", ifNotEmpty: tags)
        writer.field("PrimaryRoutes", ifNotEmpty: primaryRoutes)
        writer.field("LastSeen", ifPresent: lastSeen)
        writer.field("Online", online ?? false)
        writer.field("MachineAuthorized", ifTrue: machineAuthorized)
        if !capMap.isEmpty { writer.field("CapMap", lists: capMap) }
        writer.field("UnsignedPeerAPIOnly", ifTrue: unsignedPeerAPIOnly)
        writer.field("DataPlaneAuditLogID", ifNotEmpty: dataPlaneAuditLogID)
        writer.field("Expired", ifTrue: expired)
        writer.field("SelfNodeV4MasqAddrForThisPeer", ifPresent: selfNodeV4MasqAddrForThisPeer)
        writer.field("SelfNodeV6MasqAddrForThisPeer", ifPresent: selfNodeV6MasqAddrForThisPeer)
        writer.field("IsWireGuardOnly", ifTrue: isWireGuardOnly)
        writer.field("IsJailed", ifTrue: isJailed)
        writer.field("ExitNodeDNSResolvers", ifNotEmpty: exitNodeDNSResolvers)
        writer.endObject()
    }
}
