// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// One rule of a packet filter, for the node that packets arrive at.
///
/// Either ``dstPorts`` or ``capGrant`` is given: the Rust client rejects a message with a rule that has both or
/// neither. `SrcBits` is never written, as clients drop the whole filter for it (reference: protocol trap 13).
///
/// - Source: tailcfg.FilterRule; `wgengine/filter/tailcfg.go` for what clients make of it.
package struct FilterRule: Hashable, Sendable {
    /// Who: addresses, prefixes without host bits, ranges `a-b`, `*`, or `cap:NAME`; an empty list is nobody.
    package var srcIPs: [String] = []
    /// Where to; absent in a rule that grants capabilities.
    package var dstPorts: [NetPortRange] = []
    /// IP protocol numbers; absent means TCP, UDP and both ICMPs.
    package var ipProto: [Int] = []
    /// Capabilities; absent in a rule that lets packets through.
    package var capGrant: [CapGrant] = []

    /// What is not given is left at the value that stands for "absent".
    package init(srcIPs: [String] = [], dstPorts: [NetPortRange] = [], ipProto: [Int] = [], capGrant: [CapGrant] = []) {
        self.srcIPs = srcIPs
        self.dstPorts = dstPorts
        self.ipProto = ipProto
        self.capGrant = capGrant
    }
}

extension FilterRule: JSONCoded {
    private enum Field: String, JSONField {
        case srcIPs = "SrcIPs"
        case dstPorts = "DstPorts"
        case ipProto = "IPProto"
        case capGrant = "CapGrant"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .srcIPs: srcIPs = try reader.list(max: WireLimits.serverListMax) ?? []
            case .dstPorts: dstPorts = try reader.list(max: WireLimits.serverListMax) ?? []
            case .ipProto: ipProto = try reader.list(max: 256) ?? []
            case .capGrant: capGrant = try reader.list(max: WireLimits.serverListMax) ?? []
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("SrcIPs", srcIPs)
        writer.field("DstPorts", ifNotEmpty: dstPorts)
        writer.field("IPProto", ifNotEmpty: ipProto)
        writer.field("CapGrant", ifNotEmpty: capGrant)
        writer.endObject()
    }
}
