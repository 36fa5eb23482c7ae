// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a node found out about its network.
///
/// A flag that is absent was not measured.
package struct NetInfo: Hashable, Sendable {
    /// Whether the NAT maps by destination ("hard NAT"); absent means unknown.
    package var mappingVariesByDestIP: Bool?
    /// Whether IPv6 reaches the internet; absent means unknown.
    package var workingIPv6: Bool?
    /// Whether the system supports IPv6; absent means unknown.
    package var osHasIPv6: Bool?
    /// Whether UDP reaches the internet; absent means unknown.
    package var workingUDP: Bool?
    /// Whether ICMPv4 works; absent means unknown.
    package var workingICMPv4: Bool?
    /// Whether a port mapping is held; absent means no.
    package var havePortMap = false
    /// Whether the router does UPnP; absent means unknown.
    package var upnp: Bool?
    /// Whether the router does NAT-PMP; absent means unknown.
    package var pmp: Bool?
    /// Whether the router does PCP; absent means unknown.
    package var pcp: Bool?
    /// The relay region that the node chose as home; absent or 0 means none was chosen, so the last one stays.
    package var preferredDERP = 0
    /// `wired`, `wifi`, `mobile`; absent means unknown.
    package var linkType = ""
    /// Seconds to each relay, by `<region>-v4` or `<region>-v6`; absent means none was measured.
    package var derpLatency: [String: Double] = [:]
    /// How packet filtering is set up on Linux; absent means unknown.
    package var firewallMode = ""

    /// Every field at the value that stands for "absent".
    package init() {}
}

extension NetInfo: JSONCoded {
    private enum Field: String, JSONField {
        case mappingVariesByDestIP = "MappingVariesByDestIP"
        case workingIPv6 = "WorkingIPv6"
        case osHasIPv6 = "OSHasIPv6"
        case workingUDP = "WorkingUDP"
        case workingICMPv4 = "WorkingICMPv4"
        case havePortMap = "HavePortMap"
        case upnp = "UPnP"
        case pmp = "PMP"
        case pcp = "PCP"
        case preferredDERP = "PreferredDERP"
        case linkType = "LinkType"
        case derpLatency = "DERPLatency"
        case firewallMode = "FirewallMode"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .mappingVariesByDestIP: mappingVariesByDestIP = try reader.value()
            case .workingIPv6: workingIPv6 = try reader.value()
            case .osHasIPv6: osHasIPv6 = try reader.value()
            case .workingUDP: workingUDP = try reader.value()
            case .workingICMPv4: workingICMPv4 = try reader.value()
            case .havePortMap: havePortMap = try reader.value() ?? false
            case .upnp: upnp = try reader.value()
            case .pmp: pmp = try reader.value()
            case .pcp: pcp = try reader.value()
            case .preferredDERP: preferredDERP = try reader.value() ?? 0
            case .linkType: linkType = try reader.shortText()
            case .derpLatency: derpLatency = try reader.dictionary(max: WireLimits.latenciesMax) ?? [:]
            case .firewallMode: firewallMode = try reader.shortText()
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("MappingVariesByDestIP", ifPresent: mappingVariesByDestIP)
        writer.field("WorkingIPv6", ifPresent: workingIPv6)
        writer.field("OSHasIPv6", ifPresent: osHasIPv6)
        writer.field("WorkingUDP", ifPresent: workingUDP)
        writer.field("WorkingICMPv4", ifPresent: workingICMPv4)
        writer.field("HavePortMap", ifTrue: havePortMap)
        writer.field("UPnP", ifPresent: upnp)
        writer.field("PMP", ifPresent: pmp)
        writer.field("PCP", ifPresent: pcp)
        writer.field("PreferredDERP", ifNotZero: preferredDERP)
        writer.field("LinkType", ifNotEmpty: linkType)
        if !derpLatency.isEmpty { writer.field("DERPLatency", derpLatency) }
        writer.field("FirewallMode", ifNotEmpty: firewallMode)
        writer.endObject()
    }
}
