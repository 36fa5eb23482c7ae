// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A node asks for the map, or tells what changed about itself.
///
/// Hardware attestation is not read.
///
/// - Source: tailcfg.MapRequest.
package struct MapRequest: Hashable, Sendable {
    /// What the client's process understands; absent means 0, which is below the minimum.
    package var version = CapabilityVersion(0)
    /// `zstd`, or absent for plain JSON.
    package var compress = ""
    /// Whether the client wants keep-alives; absent means no.
    package var keepAlive = false
    /// The node.
    package var nodeKey = NodeKey.zero
    /// The process's discovery key; absent or zero means the one known stays.
    package var discoKey = DiscoKey.zero
    /// Whether the answer goes on; absent means one message or none.
    package var stream = false
    /// What the node says about itself; absent means nothing new.
    package var hostinfo: Hostinfo?
    /// The session to take up again; absent means a new one, and no client asks today.
    package var mapSessionHandle = ""
    /// The last message seen of that session; absent means 0.
    package var mapSessionSeq: Int64 = 0
    /// Where WireGuard may be reached, without those that have a zone; absent means unknown.
    package var endpoints: [Endpoint] = []
    /// How each of ``endpoints`` was found, as many as there are endpoints, or none.
    ///
    /// 0 unknown, 1 local, 2 STUN, 3 port mapping, 4 STUN with the local port, 5 configured.
    package var endpointTypes: [Int] = []
    /// The hash of the newest tailnet lock update that the node has; absent means it has none.
    package var tkaHead = ""
    /// Whether the request must change nothing; absent means it may, as is usual since capver 68.
    package var readOnly = false
    /// Whether the client wants no peers; absent means it wants them.
    package var omitPeers = false
    /// Warnings such as `warn-ip-forwarding-off`; absent means none.
    package var debugFlags: [String] = []
    /// Tells connections apart in tests; absent means none.
    package var connectionHandleForTest = ""

    /// Every field at the value that stands for "absent".
    package init() {}

    /// Whether the client asked for compressed messages.
    package var wantsZstandard: Bool { compress == "zstd" }
}

extension MapRequest: JSONCoded {
    private enum Field: String, JSONField {
        case version = "Version"
        case compress = "Compress"
        case keepAlive = "KeepAlive"
        case nodeKey = "NodeKey"
        case discoKey = "DiscoKey"
        case stream = "Stream"
        case hostinfo = "Hostinfo"
        case mapSessionHandle = "MapSessionHandle"
        case mapSessionSeq = "MapSessionSeq"
        case endpoints = "Endpoints"
        case endpointTypes = "EndpointTypes"
        case tkaHead = "TKAHead"
        case readOnly = "ReadOnly"
        case omitPeers = "OmitPeers"
        case debugFlags = "DebugFlags"
        case connectionHandleForTest = "ConnectionHandleForTest"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        var sent: [ReportedEndpoint] = []
        var types: [Int] = []
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .version: version = try reader.value() ?? CapabilityVersion(0)
            case .compress: compress = try reader.shortText()
            case .keepAlive: keepAlive = try reader.value() ?? false
            case .nodeKey: nodeKey = try reader.value() ?? .zero
            case .discoKey: discoKey = try reader.value() ?? .zero
            case .stream: stream = try reader.value() ?? false
            case .hostinfo: hostinfo = try reader.value()
            case .mapSessionHandle: mapSessionHandle = try reader.shortText()
            case .mapSessionSeq: mapSessionSeq = try reader.value() ?? 0
            case .endpoints: sent = try reader.list(max: WireLimits.endpointsMax) ?? []
            case .endpointTypes: types = try reader.list(max: WireLimits.endpointsMax) ?? []
            case .tkaHead: tkaHead = try reader.shortText()
            case .readOnly: readOnly = try reader.value() ?? false
            case .omitPeers: omitPeers = try reader.value() ?? false
            case .debugFlags: debugFlags = try reader.texts(max: WireLimits.debugFlagsMax)
            case .connectionHandleForTest: connectionHandleForTest = try reader.shortText()
            }
        }
        take(sent, types: types)
    }

    /// Keeps what can be used of the endpoints, and their types if there is one for each.
    private mutating func take(_ sent: [ReportedEndpoint], types: [Int]) {
        endpoints = sent.compactMap(\.endpoint)
        endpointTypes = types.count == sent.count ? zip(sent, types).filter { $0.0.endpoint != nil }.map(\.1) : []
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Version", version)
        writer.field("Compress", ifNotEmpty: compress)
        writer.field("KeepAlive", ifTrue: keepAlive)
        writer.field("NodeKey", nodeKey)
        writer.field("DiscoKey", discoKey)
        writer.field("Stream", ifTrue: stream)
        writer.field("Hostinfo", ifPresent: hostinfo)
        writer.field("MapSessionHandle", ifNotEmpty: mapSessionHandle)
        writer.field("MapSessionSeq", ifNotZero: mapSessionSeq)
        writer.field("Endpoints", ifNotEmpty: endpoints)
        writer.field("EndpointTypes", ifNotEmpty: endpointTypes)
        writer.field("TKAHead", ifNotEmpty: tkaHead)
        writer.field("ReadOnly", ifTrue: readOnly)
        writer.field("OmitPeers", ifTrue: omitPeers)
        writer.field("DebugFlags", ifNotEmpty: debugFlags)
        writer.field("ConnectionHandleForTest", ifNotEmpty: connectionHandleForTest)
        writer.endObject()
    }
}
