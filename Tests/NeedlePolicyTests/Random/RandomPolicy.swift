// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes

/// A small policy made up at random, as values that a naive evaluator can read and as the text that ours reads.
struct RandomPolicy {
    struct Rule {
        var sources: [String]
        var destinations: [String]
        var ports: (first: UInt16, last: UInt16)
        var protocolNumber: Int?
        /// For grants.
        var via: [String] = []
        var capability: String?
        var posture: String?
    }

    static let tags = ["tag:a", "tag:b", "tag:c", "tag:d"]
    static let userNames = ["ann", "bob", "cid", "dan"]
    static let subnets = ["10.1.0.0/16", "10.1.2.0/24", "10.2.0.0/16", "fd00:1::/64"]
    static let postures = ["posture:linux": "node:os == 'linux'", "posture:recent": "node:tsVersion >= '1.60'"]

    var groups: [String: [String]] = [:]
    let hosts = ["near": "100.64.0.2", "net": "10.1.2.0/24", "far": "192.0.2.1"]
    var accessRules: [Rule] = []
    var grants: [Rule] = []
    var routeApprovers: [String: [String]] = [:]
    var exitApprovers: [String] = []
    /// Nodes with these attributes are without IPv4.
    var disabledIPv4: [String] = []

    init(using random: inout SeededRandom) {
        for name in ["group:x", "group:y", "group:z"] {
            groups[name] = Self.userNames.filter { _ in random.coin() }.map { $0 + "@example.com" }
        }
        for _ in 0..<Int.random(in: 1...5, using: &random) { accessRules.append(Self.accessRule(&random)) }
        for _ in 0..<Int.random(in: 0...4, using: &random) { grants.append(Self.grant(&random)) }
        for subnet in ["10.0.0.0/8", "10.1.0.0/16", "fd00::/16"] where random.coin() {
            routeApprovers[subnet] = [Self.tags.pick(&random), "bob@"]
        }
        if random.coin() { exitApprovers = [Self.tags.pick(&random), "group:x"] }
        if Int.random(in: 0..<4, using: &random) == 0 { disabledIPv4 = [Self.tags.pick(&random)] }
    }

    private static func source(_ random: inout SeededRandom) -> String {
        let others = [
            "*", "group:x", "group:y", "group:z", "autogroup:member", "autogroup:tagged", "autogroup:admin",
            "near", "net", "far", "100.64.0.4", "100.64.0.0/29", "10.1.0.0/16", "10.0.0.0/8", "fd00:1::/64",
        ]
        return (tags + userNames.map { $0 + "@" } + others).pick(&random)
    }

    private static func destination(_ random: inout SeededRandom) -> String {
        Int.random(in: 0..<6, using: &random) == 0 ? "autogroup:internet" : source(&random)
    }

    private static func accessRule(_ random: inout SeededRandom) -> Rule {
        var rule = Rule(
            sources: random.some(1...3, of: source),
            destinations: random.some(1...3, of: destination),
            ports: random.coin() ? (0, 65535) : (22, 80),
            protocolNumber: random.coin() ? nil : 6
        )
        if Int.random(in: 0..<4, using: &random) == 0 {
            rule.sources = [["*", "autogroup:member", "group:x", "ann@"].pick(&random)]
            rule.destinations.append("autogroup:self")
        }
        if Int.random(in: 0..<4, using: &random) == 0 { rule.posture = postures.keys.sorted().pick(&random) }
        return rule
    }

    private static func grant(_ random: inout SeededRandom) -> Rule {
        var rule = Rule(
            sources: random.some(1...2, of: source),
            destinations: random.some(1...2, of: destination),
            ports: (443, 443),
            protocolNumber: 6
        )
        switch Int.random(in: 0..<3, using: &random) {
        case 0:
            rule.via = [tags.pick(&random)]
            rule.destinations = [(subnets + ["net", "10.0.0.0/8", "autogroup:internet"]).pick(&random)]
        case 1:
            rule.capability = ["example.com/cap/one", "tailscale.com/cap/drive"].pick(&random)
            rule.destinations = rule.destinations.filter { $0 != "autogroup:internet" }
            if rule.destinations.isEmpty { rule.destinations = ["tag:a"] }
        default: break
        }
        return rule
    }

    // MARK: - As text

    var text: String {
        var sections: [String] = []
        sections.append(
            "\"groups\": {\(groups.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \(Self.list($0.value))" }.joined(separator: ", "))}"
        )
        sections.append(
            "\"hosts\": {\(hosts.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \"\($0.value)\"" }.joined(separator: ", "))}"
        )
        sections.append("\"tagOwners\": {\(Self.tags.map { "\"\($0)\": []" }.joined(separator: ", "))}")
        sections.append(
            "\"postures\": {\(Self.postures.sorted { $0.key < $1.key }.map { "\"\($0.key)\": [\"\($0.value)\"]" }.joined(separator: ", "))}"
        )
        sections.append("\"acls\": [\(accessRules.map(Self.text(ofRule:)).joined(separator: ",\n"))]")
        sections.append("\"grants\": [\(grants.map(Self.text(ofGrant:)).joined(separator: ",\n"))]")
        let approvers = routeApprovers.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \(Self.list($0.value))" }
        sections.append(
            "\"autoApprovers\": {\"routes\": {\(approvers.joined(separator: ", "))}, \"exitNode\": \(Self.list(exitApprovers))}"
        )
        sections.append("\"nodeAttrs\": [{\"target\": \(Self.list(disabledIPv4)), \"attr\": [\"disable-ipv4\"]}]")
        return "{\n\(sections.joined(separator: ",\n"))\n}"
    }

    private static func list(_ items: [String]) -> String { "[\(items.map { "\"\($0)\"" }.joined(separator: ", "))]" }

    private static func ports(_ rule: Rule) -> String {
        rule.ports == (0, 65535) ? "*" : "\(rule.ports.first)-\(rule.ports.last)"
    }

    private static func text(ofRule rule: Rule) -> String {
        let destinations = rule.destinations.map { $0.contains("::") ? "[\($0.dropLast(3))]/64" : $0 }
        var text = "{\"action\": \"accept\", \"src\": \(list(rule.sources)), "
        text += "\"dst\": \(list(destinations.map { "\($0):\(ports(rule))" }))"
        if let number = rule.protocolNumber { text += ", \"proto\": \"\(number)\"" }
        if let posture = rule.posture { text += ", \"srcPosture\": [\"\(posture)\"]" }
        return text + "}"
    }

    private static func text(ofGrant rule: Rule) -> String {
        var text = "{\"src\": \(list(rule.sources)), \"dst\": \(list(rule.destinations))"
        if let capability = rule.capability {
            text += ", \"app\": {\"\(capability)\": [{\"level\": 1}]}"
        } else {
            text += ", \"ip\": [\"\(rule.protocolNumber.map { "\($0):" } ?? "")\(ports(rule))\"]"
        }
        if !rule.via.isEmpty { text += ", \"via\": \(list(rule.via))" }
        return text + "}"
    }
}

extension SeededRandom {
    mutating func coin() -> Bool { Bool.random(using: &self) }

    mutating func some<Element>(
        _ count: ClosedRange<Int>,
        of make: (inout SeededRandom) -> Element
    ) -> [Element] {
        (0..<Int.random(in: count, using: &self)).map { _ in make(&self) }
    }
}

extension Array {
    /// One of the elements; there has to be one.
    func pick(_ random: inout SeededRandom) -> Element { self[Int.random(in: 0..<count, using: &random)] }
}
