// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// One message of a map stream: all that a client needs, or what changed since the message before.
///
/// What is absent is unchanged. The first message of a stream must have ``node``, and all else that the client needs,
/// since it starts from nothing.
///
/// - Source: tailcfg.MapResponse; `control/controlclient/map.go` for what clients make of it.
package struct MapResponse: Hashable, Sendable {
    /// Names the session, for a client that wants to take it up again; absent means it cannot.
    package var mapSessionHandle = ""
    /// Counts the messages of the session; absent means 0.
    package var seq: Int64 = 0
    /// Whether the message only shows that the server is there; absent means it says something.
    package var keepAlive = false
    /// Something to answer; absent means nothing.
    package var pingRequest: PingRequest?
    /// A page to open; absent means none.
    package var popBrowserURL = ""
    /// The client's own node; absent means unchanged, but not in the first message.
    package var node: Node?
    /// The relays; absent means unchanged.
    package var derpMap: DERPMap?
    /// All peers, in place of those before; absent means unchanged.
    ///
    /// An empty list is never written: the two clients understand opposite things by it.
    package var peers: PeerList?
    /// Peers that are new or changed; absent means none.
    package var peersChanged: PeerList?
    /// Peers that are gone; absent means none.
    package var peersRemoved: [NodeID] = []
    /// Small changes of peers, applied last; absent means none.
    package var peersChangedPatch: [PeerChange] = []
    /// Whether peers were seen just now; absent means nothing is new.
    package var peerSeenChange: [NodeID: Bool]?
    /// Whether peers are online; absent means nothing is new.
    package var onlineChange: [NodeID: Bool]?
    /// How names are resolved; absent means unchanged.
    package var dnsConfig: DNSConfig?
    /// The tailnet's name; absent means unchanged.
    package var domain = ""
    /// Whether the client lists its services; absent means unchanged.
    package var collectServices: Bool?
    /// The packet filter as one list, which is the chunk `base`; absent means unchanged, empty denies all.
    package var packetFilter: [FilterRule]?
    /// Chunks of the packet filter that change; absent means none.
    package var packetFilters: [PacketFilterChunk] = []
    /// Users that are new or changed; absent means none.
    package var userProfiles: [UserProfile] = []
    /// Problems to show, for clients below capver 117; absent means unchanged, empty means none.
    package var health: [String]?
    /// Messages to show or take away, by a name of the server's; absent means unchanged.
    package var displayMessages: [String: DisplayMessageChange] = [:]
    /// Who may log in through Tailscale SSH; absent means unchanged.
    package var sshPolicy: SSHPolicy?
    /// The server's clock; absent means it does not say.
    package var controlTime: Timestamp?
    /// Where tailnet lock stands; absent means unchanged, in the first message that it is off.
    package var tkaInfo: TKAInfo?
    /// See ``Debug``; absent means nothing.
    package var debug: Debug?
    /// Ways to reach the server; absent means unchanged.
    package var controlDialPlan: ControlDialPlan?
    /// What to know of newer clients; absent means unchanged.
    package var clientVersion: ClientVersion?

    /// A message that says nothing yet.
    package init() {}
}

extension MapResponse: JSONReadable {
    package static var keyMatching: JSONReader.KeyMatching { .exact }

    private enum Field: String, JSONField {
        case mapSessionHandle = "MapSessionHandle"
        case seq = "Seq"
        case keepAlive = "KeepAlive"
        case pingRequest = "PingRequest"
        case popBrowserURL = "PopBrowserURL"
        case node = "Node"
        case derpMap = "DERPMap"
        case peers = "Peers"
        case peersChanged = "PeersChanged"
        case peersRemoved = "PeersRemoved"
        case peersChangedPatch = "PeersChangedPatch"
        case peerSeenChange = "PeerSeenChange"
        case onlineChange = "OnlineChange"
        case dnsConfig = "DNSConfig"
        case domain = "Domain"
        case collectServices = "CollectServices"
        case packetFilter = "PacketFilter"
        case packetFilters = "PacketFilters"
        case userProfiles = "UserProfiles"
        case health = "Health"
        case displayMessages = "DisplayMessages"
        case sshPolicy = "SSHPolicy"
        case controlTime = "ControlTime"
        case tkaInfo = "TKAInfo"
        case debug = "Debug"
        case controlDialPlan = "ControlDialPlan"
        case clientVersion = "ClientVersion"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        let max = WireLimits.serverListMax
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .mapSessionHandle: mapSessionHandle = try reader.shortText()
            case .seq: seq = try reader.value() ?? 0
            case .keepAlive: keepAlive = try reader.value() ?? false
            case .pingRequest: pingRequest = try reader.value()
            case .popBrowserURL: popBrowserURL = try reader.value() ?? ""
            case .node: node = try reader.value()
            case .derpMap: derpMap = try reader.value()
            case .peers: peers = try reader.value()
            case .peersChanged: peersChanged = try reader.value()
            case .peersRemoved: peersRemoved = try reader.list(max: max) ?? []
            case .peersChangedPatch: peersChangedPatch = try reader.list(max: max) ?? []
            case .peerSeenChange: peerSeenChange = try reader.identified(max: max)
            case .onlineChange: onlineChange = try reader.identified(max: max)
            case .dnsConfig: dnsConfig = try reader.value()
            case .domain: domain = try reader.shortText()
            case .collectServices: collectServices = try reader.value()
            case .packetFilter: packetFilter = try reader.list(max: max)
            case .packetFilters: packetFilters = try Self.chunks(from: &reader)
            case .userProfiles: userProfiles = try reader.list(max: max) ?? []
            case .health: health = try reader.list(max: max)
            case .displayMessages: displayMessages = try Self.displayMessages(from: &reader)
            case .sshPolicy: sshPolicy = try reader.value()
            case .controlTime: controlTime = try reader.value()
            case .tkaInfo: tkaInfo = try reader.value()
            case .debug: debug = try reader.value()
            case .controlDialPlan: controlDialPlan = try reader.value()
            case .clientVersion: clientVersion = try reader.value()
            }
        }
    }

    /// Here a null is a value: it deletes the chunk.
    private static func chunks(from reader: inout JSONReader) throws(WireError) -> [PacketFilterChunk] {
        if try reader.null() { return [] }
        var chunks: [PacketFilterChunk] = []
        try reader.beginObject()
        while let name = try reader.nextKey() {
            chunks.append(PacketFilterChunk(name: name, content: try PacketFilterChunk.Content(from: &reader)))
        }
        return chunks
    }

    /// Here a null is a value: it removes the message.
    private static func displayMessages(
        from reader: inout JSONReader
    ) throws(WireError) -> [String: DisplayMessageChange] {
        try reader.dictionary(max: WireLimits.serverListMax) { (reader) throws(WireError) in
            try DisplayMessageChange(from: &reader)
        } ?? [:]
    }
}
