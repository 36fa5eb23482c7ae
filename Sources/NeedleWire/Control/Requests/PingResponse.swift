// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a client posts when a ping that it was asked for came back.
package struct PingResponse: Hashable, Sendable {
    /// Which of the types of the ``PingRequest`` it is.
    package var type = ""
    /// Whom it pinged; absent means unknown.
    package var ip = ""
    /// The address of that node; absent means unknown.
    package var nodeIP = ""
    /// The name of that node; absent means unknown.
    package var nodeName = ""
    /// What went wrong; absent means nothing.
    package var error = ""
    /// How long it took; absent means 0.
    package var latencySeconds: Double = 0
    /// Where the direct answer came from; absent means it was relayed.
    package var endpoint = ""
    /// The peer that relayed it; absent means none.
    package var peerRelay = ""
    /// The relay region that it came through; absent means none.
    package var derpRegionID = 0
    /// The code of that region; absent means none.
    package var derpRegionCode = ""
    /// The PeerAPI port found; absent means none.
    package var peerAPIPort: UInt16 = 0
    /// Whether the address was the client's own; absent means no.
    package var isLocalIP = false

    /// Every field at the value that stands for "absent".
    package init() {}
}

extension PingResponse: JSONCoded {
    private enum Field: String, JSONField {
        case type = "Type"
        case ip = "IP"
        case nodeIP = "NodeIP"
        case nodeName = "NodeName"
        case error = "Err"
        case latencySeconds = "LatencySeconds"
        case endpoint = "Endpoint"
        case peerRelay = "PeerRelay"
        case derpRegionID = "DERPRegionID"
        case derpRegionCode = "DERPRegionCode"
        case peerAPIPort = "PeerAPIPort"
        case isLocalIP = "IsLocalIP"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .type: type = try reader.shortText()
            case .ip: ip = try reader.shortText()
            case .nodeIP: nodeIP = try reader.shortText()
            case .nodeName: nodeName = try reader.shortText()
            case .error: error = try reader.shortText()
            case .latencySeconds: latencySeconds = try reader.value() ?? 0
            case .endpoint: endpoint = try reader.shortText()
            case .peerRelay: peerRelay = try reader.shortText()
            case .derpRegionID: derpRegionID = try reader.value() ?? 0
            case .derpRegionCode: derpRegionCode = try reader.shortText()
            case .peerAPIPort: peerAPIPort = try reader.value() ?? 0
            case .isLocalIP: isLocalIP = try reader.value() ?? false
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Type", type)
        writer.field("IP", ifNotEmpty: ip)
        writer.field("NodeIP", ifNotEmpty: nodeIP)
        writer.field("NodeName", ifNotEmpty: nodeName)
        writer.field("Err", ifNotEmpty: error)
        if latencySeconds != 0 { writer.field("LatencySeconds", latencySeconds) }
        writer.field("Endpoint", ifNotEmpty: endpoint)
        writer.field("PeerRelay", ifNotEmpty: peerRelay)
        writer.field("DERPRegionID", ifNotZero: derpRegionID)
        writer.field("DERPRegionCode", ifNotEmpty: derpRegionCode)
        writer.field("PeerAPIPort", ifNotZero: peerAPIPort)
        writer.field("IsLocalIP", ifTrue: isLocalIP)
        writer.endObject()
    }
}
