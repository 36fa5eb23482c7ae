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

    private static func map(_ rules: [FilterRule]) throws -> ClientMap {
        var map = ClientMap()
        var message = MapResponse()
        var node = Node()
        node.id = NodeID(1)
        node.name = "n0.example.com."
        node.user = UserID(1)
        message.node = node
        message.userProfiles = [UserProfile(id: UserID(1), loginName: "a", displayName: "a")]
        message.packetFilter = rules
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
        let other = try Self.map([
            Self.rule(["10.0.0.0/8"], "100.64.7.1", 1...1, [17]),
            Self.rule(["100.64.7.2", "100.64.7.1/32"], "100.64.7.1", 85...90, [1, 6, 17, 58]),
            Self.rule(["100.64.7.2", "100.64.7.1"], "100.64.7.1", 80...84),
        ])
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
        let texts = PlainFlow.differences(flows, [:])
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
        let difference = MapDifference(subject: .dns, text: "only a has MagicDNS")
        let report = ComparisonReport(
            [("n1", [difference]), ("n2", [difference]), ("n3", [])],
            failures: ["n4": "gone"]
        )
        #expect(!report.isSame)
        #expect((report.nodes, report.same, report.differenceCount) == (4, 1, 1))
        #expect(report.differences.first?.clients == 2)
        #expect(report.description.contains("DNS, n1 and 1 more: only a has MagicDNS"))
        #expect(ComparisonReport([("n1", [])], failures: [:]).isSame)
    }
}
