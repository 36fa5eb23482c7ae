// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// What changed about a peer, for changes that need not send the node again.
///
/// A peer that the client does not have is ignored. Only ``derpRegion``, ``endpoints``, ``online`` and ``lastSeen`` are
/// cheap for clients.
///
/// - Source: tailcfg.PeerChange.
package struct PeerChange: Hashable, Sendable {
    /// The peer.
    package var nodeID = NodeID(0)
    /// The new home region; absent means unchanged.
    package var derpRegion = 0
    /// What the node now understands; absent means unchanged.
    package var cap: CapabilityVersion?
    /// All attributes anew; absent means unchanged.
    package var capMap: CapMap?
    /// All endpoints anew; absent means unchanged, and none left cannot be said.
    package var endpoints: [Endpoint] = []
    /// The new node key; absent means unchanged.
    package var key: NodeKey?
    /// The signature for it; absent means unchanged.
    package var keySignature: [UInt8]?
    /// The new discovery key; absent means unchanged.
    package var discoKey: DiscoKey?
    /// Whether the peer is online now; absent means unchanged.
    package var online: Bool?
    /// When it was last online; absent means unchanged.
    package var lastSeen: Timestamp?
    /// When the key expires now; absent means unchanged.
    package var keyExpiry: Timestamp?

    /// What is not given is left at the value that stands for "absent".
    package init(
        nodeID: NodeID = NodeID(0),
        derpRegion: Int = 0,
        cap: CapabilityVersion? = nil,
        capMap: CapMap? = nil,
        endpoints: [Endpoint] = [],
        key: NodeKey? = nil,
        keySignature: [UInt8]? = nil,
        discoKey: DiscoKey? = nil,
        online: Bool? = nil,
        lastSeen: Timestamp? = nil,
        keyExpiry: Timestamp? = nil
    ) {
        self.nodeID = nodeID
        self.derpRegion = derpRegion
        self.cap = cap
        self.capMap = capMap
        self.endpoints = endpoints
        self.key = key
        self.keySignature = keySignature
        self.discoKey = discoKey
        self.online = online
        self.lastSeen = lastSeen
        self.keyExpiry = keyExpiry
    }
}

extension PeerChange: JSONCoded {
    package static var keyMatching: JSONReader.KeyMatching { .exact }

    private enum Field: String, JSONField {
        case nodeID = "NodeID"
        case derpRegion = "DERPRegion"
        case cap = "Cap"
        case capMap = "CapMap"
        case endpoints = "Endpoints"
        case key = "Key"
        case keySignature = "KeySignature"
        case discoKey = "DiscoKey"
        case online = "Online"
        case lastSeen = "LastSeen"
        case keyExpiry = "KeyExpiry"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .nodeID: nodeID = try reader.value() ?? NodeID(0)
            case .derpRegion: derpRegion = try reader.value() ?? 0
            case .cap: cap = try reader.value()
            case .capMap: capMap = try reader.capMap(max: WireLimits.serverListMax)
            case .endpoints: endpoints = try reader.list(max: WireLimits.serverListMax) ?? []
            case .key: key = try reader.value()
            case .keySignature: keySignature = try reader.base64(max: WireLimits.blobBytesMax)
            case .discoKey: discoKey = try reader.value()
            case .online: online = try reader.value()
            case .lastSeen: lastSeen = try reader.value()
            case .keyExpiry: keyExpiry = try reader.value()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("NodeID", nodeID)
        writer.field("DERPRegion", ifNotZero: derpRegion)
        writer.field("Cap", ifPresent: cap)
        if let capMap { writer.field("CapMap", lists: capMap) }
        writer.field("Endpoints", ifNotEmpty: endpoints)
        writer.field("Key", ifPresent: key)
        writer.field("KeySignature", base64IfPresent: keySignature)
        writer.field("DiscoKey", ifPresent: discoKey)
        writer.field("Online", ifPresent: online)
        writer.field("LastSeen", ifPresent: lastSeen)
        writer.field("KeyExpiry", ifPresent: keyExpiry)
        writer.endObject()
    }
}
