// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// One relay server of a region.
///
/// - Source: tailcfg.DERPNode; `net/netcheck`, `derp/derphttp` for what clients make of it.
package struct DERPNode: Hashable, Sendable {
    /// Unique among all relay servers.
    package var name = ""
    /// The region it belongs to.
    package var regionID = 0
    /// Where to connect, and the name that its certificate must cover.
    package var hostName = ""
    /// The name to verify instead, or `sha256-raw:` and a hash of the certificate; absent means ``hostName``.
    package var certName = ""
    /// The address to use instead of asking DNS, or `none`; absent means DNS is asked.
    package var ipv4 = ""
    /// The address to use instead of asking DNS, or `none`; absent means DNS is asked.
    package var ipv6 = ""
    /// The UDP port of STUN, or -1 for none; absent means 3478.
    package var stunPort = 0
    /// Whether it only does STUN; absent means it relays too.
    package var stunOnly = false
    /// The TCP port; absent means 443.
    package var derpPort = 0
    /// Whether the certificate is not verified; absent means it is.
    package var insecureForTests = false
    /// The address for STUN in tests; absent means the ordinary one.
    package var stunTestIP = ""
    /// Whether port 80 answers captive portal checks; absent means no.
    package var canPort80 = false

    /// What is not given is left at the value that stands for "absent".
    package init(
        name: String = "",
        regionID: Int = 0,
        hostName: String = "",
        certName: String = "",
        ipv4: String = "",
        ipv6: String = "",
        stunPort: Int = 0,
        stunOnly: Bool = false,
        derpPort: Int = 0,
        insecureForTests: Bool = false,
        stunTestIP: String = "",
        canPort80: Bool = false
    ) {
        self.name = name
        self.regionID = regionID
        self.hostName = hostName
        self.certName = certName
        self.ipv4 = ipv4
        self.ipv6 = ipv6
        self.stunPort = stunPort
        self.stunOnly = stunOnly
        self.derpPort = derpPort
        self.insecureForTests = insecureForTests
        self.stunTestIP = stunTestIP
        self.canPort80 = canPort80
    }
}

extension DERPNode: JSONCoded {
    private enum Field: String, JSONField {
        case name = "Name"
        case regionID = "RegionID"
        case hostName = "HostName"
        case certName = "CertName"
        case ipv4 = "IPv4"
        case ipv6 = "IPv6"
        case stunPort = "STUNPort"
        case stunOnly = "STUNOnly"
        case derpPort = "DERPPort"
        case insecureForTests = "InsecureForTests"
        case stunTestIP = "STUNTestIP"
        case canPort80 = "CanPort80"

        static let table = JSONFieldTable<Field>()
    }

    package init(from reader: inout JSONReader) throws(WireError) {
        self.init()
        try reader.beginObject()
        while let field = try reader.nextField(of: Field.self) {
            switch field {
            case .name: name = try reader.shortText()
            case .regionID: regionID = try reader.value() ?? 0
            case .hostName: hostName = try reader.shortText()
            case .certName: certName = try reader.shortText()
            case .ipv4: ipv4 = try reader.shortText()
            case .ipv6: ipv6 = try reader.shortText()
            case .stunPort: stunPort = try reader.value() ?? 0
            case .stunOnly: stunOnly = try reader.value() ?? false
            case .derpPort: derpPort = try reader.value() ?? 0
            case .insecureForTests: insecureForTests = try reader.value() ?? false
            case .stunTestIP: stunTestIP = try reader.shortText()
            case .canPort80: canPort80 = try reader.value() ?? false
            }
        }
    }

    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("Name", name)
        writer.field("RegionID", regionID)
        writer.field("HostName", hostName)
        writer.field("CertName", ifNotEmpty: certName)
        writer.field("IPv4", ifNotEmpty: ipv4)
        writer.field("IPv6", ifNotEmpty: ipv6)
        writer.field("STUNPort", ifNotZero: stunPort)
        writer.field("STUNOnly", ifTrue: stunOnly)
        writer.field("DERPPort", ifNotZero: derpPort)
        writer.field("InsecureForTests", ifTrue: insecureForTests)
        writer.field("STUNTestIP", ifNotEmpty: stunTestIP)
        writer.field("CanPort80", ifTrue: canPort80)
        writer.endObject()
    }
}
