// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// Texts and values that several suites use.
enum WireSample {
    static let digits = String(repeating: "0123456789abcdef", count: 4)
    static let zeros = String(repeating: "0", count: 64)
    static let nodeKey = "nodekey:" + digits
    static let discoKey = "discokey:" + digits
    static let machineKey = "mkey:" + digits

    /// Every field of a Hostinfo, in the order in which it is written.
    static let hostinfo = """
        {"IPNVersion":"1.98.1","FrontendLogID":"f","BackendLogID":"b","OS":"linux","OSVersion":"6.8","Container":false,\
        "Env":"k8s","Distro":"debian","DistroVersion":"12","DistroCodeName":"bookworm","App":"app","Desktop":true,\
        "Package":"deb","DeviceModel":"m","PushDeviceToken":"p","Hostname":"box","ShieldsUp":true,"ShareeNode":true,\
        "NoLogsNoSupport":true,"RemoteConfig":true,"WireIngress":true,"IngressEnabled":true,"AllowsUpdate":true,\
        "Machine":"x86_64","GoArch":"amd64","GoArchVar":"v1","GoVersion":"go1.26","RoutableIPs":["10.0.0.0/8","::/0"],\
        "RequestTags":["tag:a"],"WoLMACs":["00:11:22:33:44:55"],\
        "Services":[{"Proto":"peerapi4","Port":41112,"Description":""}],"NetInfo":\(netInfo),\
        "sshHostKeys":["ssh-ed25519 AAAA"],"Cloud":"aws","Userspace":true,"UserspaceRouter":false,"AppConnector":true,\
        "ServicesHash":"h","PeerRelay":true,"ExitNodeID":"n7","Location":\(location),\
        "TPM":{"Manufacturer":"INTC","Vendor":"v","Model":1,"FirmwareVersion":18446744073709551615,"SpecRevision":159,\
        "FamilyIndicator":"2.0"},"StateEncrypted":true}
        """

    static let location = """
        {"Country":"Germany","CountryCode":"DE","City":"Köln","CityCode":"cgn","Latitude":50.9,"Longitude":-6.5,\
        "Priority":100}
        """

    static let netInfo = """
        {"MappingVariesByDestIP":true,"WorkingIPv6":false,"OSHasIPv6":true,"WorkingUDP":true,"WorkingICMPv4":false,\
        "HavePortMap":true,"UPnP":true,"PMP":false,"PCP":true,"PreferredDERP":900,"LinkType":"wired",\
        "DERPLatency":{"900-v4":0.0125,"900-v6":1e-07},"FirewallMode":"nft-default"}
        """

    /// A usual peer.
    static func peer(_ number: Int) throws -> Node {
        var node = Node()
        node.id = NodeID(Int64(number))
        node.stableID = String(number)
        node.name = "node-\(number).tail.example."
        node.user = UserID(1)
        node.key = try NodeKey.decode(Array("\"\(nodeKey)\"".utf8))
        node.discoKey = try DiscoKey.decode(Array("\"\(discoKey)\"".utf8))
        node.addresses = try [IPPrefix].read(["100.64.0.1/32", "fd7a:115c:a1e0::1/128"])
        node.allowedIPs = node.addresses
        node.endpoints = []
        node.online = true
        return node
    }
}

extension [IPPrefix] {
    /// The prefixes that `texts` name.
    static func read(_ texts: [String]) throws -> [IPPrefix] {
        try texts.map { try IPPrefix.decode(text: "\"\($0)\"") }
    }
}

extension JSONWritable {
    /// The JSON as a string.
    var jsonText: String { String(decoding: json, as: UTF8.self) }
}

extension JSONReadable {
    /// Reads the value of a string.
    static func decode(text: String) throws(WireError) -> Self {
        try decode(text.utf8)
    }
}
