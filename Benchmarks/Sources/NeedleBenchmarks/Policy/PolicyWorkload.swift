// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedlePolicy
import NeedleTesting
import NeedleTypes

/// A policy of many random rules and the nodes that it applies to, dense enough that nearly everybody sees everybody.
///
/// The numbers are those of a workload that other servers were measured with: 666 users, 200 groups of 8 to 32 of them,
/// 10 tags, 40 hosts outside, up to three sources and two destinations a rule, three nodes of ten tagged.
struct PolicyWorkload {
    static let users = 666
    static let groups = 200
    static let tags = (1...10).map { "tag:t\($0)" }
    static let hosts = 40
    static let rules = 15_000
    static let taggedPercent = 30

    /// The policy, and the same with a rule more that opens a port on every node.
    let text: [UInt8]
    let editedText: [UInt8]

    init() {
        var random = SeededRandom(seed: 1)
        var sections: [String] = []
        let groups = (1...Self.groups).map { group in
            let size = Int.random(in: 8...32, using: &random)
            let members = (0..<size).map { _ in "\"\(Self.user(&random))\"" }
            return "\"group:g\(group)\": [\(members.joined(separator: ", "))]"
        }
        sections.append("\"groups\": {\(groups.joined(separator: ",\n"))}")
        sections.append("\"tagOwners\": {\(Self.tags.map { "\"\($0)\": [\"group:g1\"]" }.joined(separator: ",\n"))}")
        let hosts = (1...Self.hosts).map {
            "\"ext\($0)\": \"10.\($0).\(Int.random(in: 0...255, using: &random)).0/24\""
        }
        sections.append("\"hosts\": {\(hosts.joined(separator: ",\n"))}")
        var rules = [Self.rule(["autogroup:member"], ["autogroup:self:*"])]
        while rules.count < Self.rules { rules.append(Self.randomRule(&random)) }
        text = Self.text(sections, rules)
        rules.append(Self.rule([Self.tags[0]], ["*:65001"]))
        editedText = Self.text(sections, rules)
    }

    /// The facts of `count` nodes, whose addresses follow from their slots.
    func nodes(_ count: Int) -> [NodeFacts] {
        var random = SeededRandom(seed: 2)
        return (0..<count).map { index in
            var facts = NodeFacts(
                slot: NodeSlot(index),
                id: NodeID(Int64(index + 1)),
                addresses: [
                    IPAddress(family: .v4, bits: 0x6440_0001 + UInt128(index)),
                    IPAddress(family: .v6, bits: 0xfd7a_115c_a1e0 << 80 | UInt128(index + 1)),
                ]
            )
            if Int.random(in: 0..<100, using: &random) < Self.taggedPercent {
                facts.tags = [Self.tags[Int.random(in: 0..<Self.tags.count, using: &random)]]
            } else {
                let number = Int.random(in: 1...Self.users, using: &random)
                facts.user = UserFacts(id: UserID(Int64(number)), name: "u\(number)")
            }
            return facts
        }
    }

    private static func text(_ sections: [String], _ rules: [String]) -> [UInt8] {
        Array("{\n\(sections.joined(separator: ",\n")),\n\"acls\": [\n\(rules.joined(separator: ",\n"))\n]\n}\n".utf8)
    }

    private static func rule(_ sources: [String], _ destinations: [String]) -> String {
        func list(_ items: [String]) -> String { items.map { "\"\($0)\"" }.joined(separator: ", ") }
        return "{\"action\": \"accept\", \"src\": [\(list(sources))], \"dst\": [\(list(destinations))]}"
    }

    private static func randomRule(_ random: inout SeededRandom) -> String {
        let sources = (0..<Int.random(in: 1...3, using: &random)).map { _ in end(&random, hosts: false) }
        let destinations = (0..<Int.random(in: 1...2, using: &random)).map { _ in
            "\(end(&random, hosts: true)):\(ports(&random))"
        }
        return rule(sources, destinations)
    }

    private static func user(_ random: inout SeededRandom) -> String {
        "u\(Int.random(in: 1...users, using: &random))@"
    }

    private static func end(_ random: inout SeededRandom, hosts allowed: Bool) -> String {
        switch Int.random(in: 0..<(allowed ? 4 : 3), using: &random) {
        case 0: "group:g\(Int.random(in: 1...groups, using: &random))"
        case 1: user(&random)
        case 2: tags[Int.random(in: 0..<tags.count, using: &random)]
        default: "ext\(Int.random(in: 1...hosts, using: &random))"
        }
    }

    private static func ports(_ random: inout SeededRandom) -> String {
        let port = Int.random(in: 1...59_000, using: &random)
        return switch Int.random(in: 0..<4, using: &random) {
        case 0: "*"
        case 1: "\(port)"
        case 2: "\(port),\(port + 7),\(port + 90)"
        default: "\(port)-\(port + Int.random(in: 1...900, using: &random))"
        }
    }
}
