// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire
import Testing

@testable import NeedleSwarm

@Suite struct PlainMapTests {
    private static func names(_ addresses: [String]) -> NodeNames {
        NodeNames(
            addresses.enumerated().compactMap { index, text in
                IPPrefix(text: text).map { (name: "n\(index)", id: NodeID(Int64(index + 1)), addresses: [$0]) }
            }
        )
    }

    private static func map(
        _ rules: [FilterRule],
        own addresses: [String] = ["100.64.0.1/32"],
        routes: [String] = [],
        dns: DNSConfig? = nil
    ) throws -> ClientMap {
        var map = ClientMap()
        var message = MapResponse()
        var node = Node()
        node.id = NodeID(1)
        node.name = "n0.example.com."
        node.user = UserID(1)
        node.addresses = addresses.compactMap { IPPrefix(text: $0) }
        node.allowedIPs = node.addresses + routes.compactMap { IPPrefix(text: $0) }
        message.node = node
        message.userProfiles = [UserProfile(id: UserID(1), loginName: "a", displayName: "a")]
        message.packetFilter = rules
        message.dnsConfig = dns
        try map.apply(message)
        return map
    }

    private static func rule(
        _ sources: [String],
        _ destination: String,
        _ ports: ClosedRange<UInt16>,
        _ protocols: [Int] = []
    ) -> FilterRule {
        var rule = FilterRule()
        rule.srcIPs = sources
        var target = NetPortRange()
        target.ip = destination
        target.ports.first = ports.lowerBound
        target.ports.last = ports.upperBound
        rule.dstPorts = [target]
        rule.ipProto = protocols
        return rule
    }

    @Test("filters are the same when they allow the same, whatever addresses, ranges, order and parts they come in")
    func equal() throws {
        let one = try Self.map([
            Self.rule(["100.64.0.1-100.64.0.2"], "100.64.0.1", 80...90),
            Self.rule(["10.0.0.0/8"], "100.64.0.1", 1...1, [17]),
        ])
        let other = try Self.map(
            [
                Self.rule(["10.0.0.0/8"], "100.64.7.1", 1...1, [17]),
                Self.rule(["100.64.7.2", "100.64.7.1/32"], "100.64.7.1", 85...90, [1, 6, 17, 58]),
                Self.rule(["100.64.7.2", "100.64.7.1"], "100.64.7.1", 80...84),
            ],
            own: ["100.64.7.1/32"]
        )
        let left = PlainMap(one, Self.names(["100.64.0.1/32", "100.64.0.2/32"]))
        let right = PlainMap(other, Self.names(["100.64.7.1/32", "100.64.7.2/32"]))
        #expect(left == right)
        #expect(MapDifference.all(left, right).isEmpty)
        #expect(left.flows.count == 9)
    }

    @Test("says what differs, in names and ports")
    func different() throws {
        let names = Self.names(["100.64.0.1/32", "100.64.0.2/32"])
        let one = PlainMap(try Self.map([Self.rule(["100.64.0.2"], "100.64.0.1", 22...22, [6])]), names)
        let other = PlainMap(try Self.map([Self.rule(["100.64.0.0/10"], "100.64.0.1", 22...23, [6])]), names)
        let texts = MapDifference.all(one, other).map(\.text)
        #expect(
            texts == [
                "from n0 to itself, TCP over IPv4 only: a has nothing, b has ports 22-23",
                "from n1 to itself, TCP over IPv4 only: a has ports 22, b has ports 22-23",
            ]
        )
        #expect(MapDifference.all(one, other).allSatisfy { $0.subject == .filter })
    }

    @Test("what is for others in a destination does not matter: neighbours, networks elsewhere; its own routes do")
    func destinations() throws {
        let names = Self.names(["100.64.0.2/32", "100.64.0.3/32", "100.64.0.9/32"])
        let own = ["100.64.0.2/32"]
        func plain(_ destinations: [String]) throws -> PlainMap {
            let rules = destinations.map { Self.rule(["100.64.0.9"], $0, 80...80, [6]) }
            return PlainMap(try Self.map(rules, own: own, routes: ["10.1.0.0/16"]), names)
        }
        let exact = try plain(["100.64.0.2", "10.1.0.0/16"])
        #expect(exact.flows.count == 2)
        #expect(try plain(["100.64.0.2/31", "10.1.0.0/16", "192.0.2.0/24"]) == exact)
        #expect(try plain(["*"]).flows.keys.contains { $0.destination == "itself/4" })
        #expect(try plain(["100.64.0.3", "192.0.2.1"]).flows.isEmpty)
        #expect(try plain(["10.0.0.0/8"]).flows.keys.map(\.destination) == ["10.0.0.0/8"])
    }

    @Test("the reverse DNS zones of the tailnet's addresses are one difference, and other routes are their own")
    func reverseZones() throws {
        func plain(_ routes: [String: [Resolver]]) throws -> PlainMap {
            var dns = DNSConfig()
            dns.routes = routes
            return PlainMap(try Self.map([], dns: dns), Self.names([]))
        }
        var routes = Dictionary(uniqueKeysWithValues: (64...127).map { ("\($0).100.in-addr.arpa", [Resolver]()) })
        routes["0.e.1.a.c.5.1.1.a.7.d.f.ip6.arpa."] = []
        let one = try plain(routes.merging(["128.100.in-addr.arpa": [], "corp.example": []]) { $1 })
        let none = try plain([:])
        #expect(
            MapDifference.all(one, none).map(\.text) == [
                "only a has route 128.100.in-addr.arpa to the client itself",
                "only a has route corp.example to the client itself",
                "reverse DNS zones of the tailnet's addresses: a has 65, b none",
            ]
        )
        #expect(MapDifference.all(one, one).isEmpty)
        routes["64.100.in-addr.arpa"] = nil
        routes["1.64.100.in-addr.arpa"] = []
        #expect(MapDifference.all(try plain(routes), one).contains { $0.text.hasSuffix("a has 65, b 65, but others") })
    }

    @Test(
        "reads the names of reverse DNS zones",
        arguments: [
            ("64.100.in-addr.arpa", "100.64.0.0/16"), ("7.0.64.100.IN-ADDR.ARPA.", "100.64.0.7/32"),
            ("0.e.1.a.c.5.1.1.a.7.d.f.ip6.arpa", "fd7a:115c:a1e0::/48"), ("256.100.in-addr.arpa", nil),
            ("in-addr.arpa", nil), ("1.2.3.4.5.in-addr.arpa", nil), ("ab.ip6.arpa", nil), ("example.com", nil),
            ("", nil),
        ] as [(String, String?)]
    )
    func zone(name: String, prefix: String?) {
        #expect(ReverseZone(name: name).map { "\($0.prefix)" } == prefix)
    }

    @Test("flows that differ in the same way take one line")
    func together() {
        var flows: [PlainFlow: [ClosedRange<Int>]] = [:]
        for source in ["a", "b", "c"] {
            for family in [4, 6] {
                for number in [6, 17] {
                    let flow = PlainFlow(source: "\(source)/\(family)", destination: "itself/\(family)", number: number)
                    flows[flow] = [0...65_535]
                }
            }
        }
        flows[PlainFlow(source: "10.0.0.0/4", destination: "itself/4", number: 6)] = [1...1]
        let texts = PlainFlow.differences(flows, [:]).map(\.text)
        #expect(
            texts == [
                "from 10.0.0.0/4 to itself, TCP over IPv4 only: a has ports 1, b has nothing",
                "from a and 2 others to itself, TCP, UDP: a has all ports, b has nothing",
            ]
        )
        #expect(PlainFlow.differences(flows, flows).isEmpty)
    }

    @Test("compares peers with what the policy says, addresses, SSH and DNS")
    func rest() throws {
        var one = try PlainMap(Self.map([]), Self.names([]))
        var other = one
        one.peers = ["x", "y"]
        other.peers = ["y", "z"]
        one.allowed = ["y": ["y/4", "10.0.0.0/8"], "x": ["x/4"]]
        other.allowed = ["y": ["y/4"], "z": ["z/4"]]
        one.shell = ["a as root=root: accept", "b as root=root: accept"]
        other.shell = one.shell.reversed()
        other.dns = ["MagicDNS"]
        let differences = MapDifference.all(one, other) { $0 == "x" }
        #expect(
            differences.map(\.text) == [
                "only a shows x; the policy allows it", "only b shows z; the policy does not allow it",
                "through y, only a has 10.0.0.0/8", "the rules are the same, but in another order",
                "only b has MagicDNS",
            ]
        )
    }

    @Test("a report puts what many clients have into one line")
    func report() {
        let difference = MapDifference(subject: .dns, kind: "only a has MagicDNS", text: "only a has MagicDNS")
        let report = ComparisonReport(
            [("n1", [difference]), ("n2", [difference]), ("n3", [])],
            failures: ["n4": "gone"]
        )
        #expect(!report.isSame)
        #expect((report.nodes, report.same, report.differenceCount) == (4, 1, 1))
        #expect(report.differences.first?.clients == 2)
        #expect(report.description.contains("    n1 and 1 more: only a has MagicDNS"))
        #expect(ComparisonReport([("n1", [])], failures: [:]).isSame)
    }

    @Test("many differences of one kind do not hide those of another")
    func kinds() {
        let many = (100..<400).map { MapDifference(subject: .dns, kind: "only a has a route", text: "route \($0)") }
        let few = [
            MapDifference(subject: .dns, kind: "only a has a domain", text: "domain"),
            MapDifference(subject: .peers, kind: "only a shows a peer", text: "peer"),
        ]
        let report = ComparisonReport([("n1", many + few), ("n2", many)], failures: [:])
        #expect(report.differenceCount == 302)
        #expect(report.differences.count == ComparisonReport.differencesMax + 2)
        #expect(report.kinds.map(\.differences) == [300, 1, 1])
        #expect(report.kinds.map(\.clients) == [2, 1, 1])
        let lines = report.description.split(separator: "\n").map(String.init)
        #expect(
            lines.suffix(13) == [
                "DNS: 2 clients differ", "  only a has a route, 300 in 2 clients:",
                "    n1 and 1 more: route 100", "    n1 and 1 more: route 101", "    n1 and 1 more: route 102",
                "    n1 and 1 more: route 103", "    n1 and 1 more: route 104", "    and 295 more of this kind",
                "  only a has a domain, 1 in 1 clients:", "    n1: domain", "peers: 1 clients differ",
                "  only a shows a peer, 1 in 1 clients:", "    n1: peer",
            ]
        )
    }
}
