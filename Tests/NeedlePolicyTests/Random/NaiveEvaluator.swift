// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedlePolicy
import NeedleTypes

/// What the language says, in loops over nodes and rules and without any cleverness.
struct NaiveEvaluator {
    let policy: RandomPolicy
    let nodes: [NodeFacts]

    private static let everything = [
        "100.64.0.0-100.115.91.255", "100.115.94.0-100.127.255.255", "fd7a:115c:a1e0::/48",
    ]
    private static let internet = [
        "0.0.0.0-9.255.255.255", "11.0.0.0-100.63.255.255", "100.128.0.0-169.253.255.255",
        "169.255.0.0-172.15.255.255", "172.32.0.0-192.167.255.255", "192.169.0.0-255.255.255.255",
        "2000::-3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ]

    // MARK: - Who is meant

    /// Whether the node is somebody whom `name` names, apart from addresses.
    private func isNamed(_ node: NodeFacts, _ name: String) -> Bool {
        if name == "*" { return true }
        if name.hasPrefix("tag:") { return node.tags.contains(name) }
        if name == "autogroup:tagged" { return !node.tags.isEmpty }
        guard node.tags.isEmpty, let user = node.user else { return false }
        if name == "autogroup:member" { return true }
        if name == "autogroup:admin" { return user.role == .owner || user.role == .admin }
        if name.hasPrefix("group:") { return policy.groups[name]?.contains(user.email ?? "") ?? false }
        return name == user.name + "@"
    }

    /// The prefix that `name` stands for, if it is an address, a prefix or a host.
    private func prefix(_ name: String) -> IPPrefix? {
        let text = policy.hosts[name] ?? name
        return IPPrefix(text: text) ?? IPAddress(text: text).map(IPPrefix.init(single:))
    }

    private func overlap(_ one: IPPrefix, _ other: IPPrefix) -> Bool { one.contains(other) || other.contains(one) }

    func addresses(_ node: NodeFacts) -> [IPAddress] {
        let isOff = policy.disabledIPv4.contains { isNamed(node, $0) }
        return node.addresses.filter { !isOff || $0.family == .v6 }
    }

    func subnets(_ node: NodeFacts) -> [IPPrefix] {
        node.advertisedRoutes.filter { route in
            guard route.length > 0 else { return false }
            if node.approvedRoutes.contains(route) { return true }
            return policy.routeApprovers.contains { prefix, names in
                IPPrefix(text: prefix)?.contains(route) ?? false && names.contains { isNamed(node, $0) }
            }
        }
    }

    func isExitNode(_ node: NodeFacts) -> Bool {
        node.advertisedRoutes.contains { route in
            guard route.length == 0 else { return false }
            return node.approvedRoutes.contains(route) || policy.exitApprovers.contains { isNamed(node, $0) }
        }
    }

    /// Whether the node is an end of a rule that `name` stands for.
    private func isEnd(_ node: NodeFacts, _ name: String) -> Bool {
        if name == "autogroup:internet" { return isExitNode(node) }
        guard let prefix = prefix(name) else { return isNamed(node, name) }
        return addresses(node).contains { prefix.contains($0) } || subnets(node).contains { overlap($0, prefix) }
    }

    private func meets(_ node: NodeFacts, _ posture: String?) -> Bool {
        switch posture {
        case "posture:linux": node.attributes["node:os"] == .string("linux")
        case "posture:recent": node.attributes["node:tsVersion"] != .string("1.58.2")
        default: true
        }
    }

    private func isSource(_ node: NodeFacts, _ rule: RandomPolicy.Rule) -> Bool {
        meets(node, rule.posture) && rule.sources.contains { isEnd(node, $0) }
    }

    private func isDestination(_ node: NodeFacts, _ name: String, _ rule: RandomPolicy.Rule) -> Bool {
        if name == "autogroup:self" { return false }
        guard !rule.via.isEmpty else { return isEnd(node, name) }
        guard rule.via.contains(where: node.tags.contains) else { return false }
        if name == "autogroup:internet" { return isExitNode(node) }
        return prefix(name).map { prefix in subnets(node).contains { overlap($0, prefix) } } ?? false
    }

    private var rules: [RandomPolicy.Rule] { policy.grants + policy.accessRules }

    private func isSameUser(_ one: NodeFacts, _ other: NodeFacts) -> Bool {
        one.tags.isEmpty && other.tags.isEmpty && one.user != nil && one.user?.id == other.user?.id
    }

    // MARK: - Answers

    func arePeers(_ one: NodeFacts, _ other: NodeFacts) -> Bool {
        rules.contains { reaches(one, other, $0) || reaches(other, one, $0) }
    }

    private func reaches(_ one: NodeFacts, _ other: NodeFacts, _ rule: RandomPolicy.Rule) -> Bool {
        guard isSource(one, rule) else { return false }
        if rule.destinations.contains("autogroup:self"), isSameUser(one, other) { return true }
        return rule.destinations.contains { isDestination(other, $0, rule) }
    }

    /// Every single permission in the packet filter of `node`: source, destination, ports, protocol.
    func permissions(_ node: NodeFacts) -> Set<String> {
        var result: Set<String> = []
        for rule in rules {
            for name in rule.destinations {
                guard rule.capability == nil else { continue }
                let sources: Set<String>
                let destinations: [String]
                if name == "autogroup:self" {
                    let own = nodes.filter { isSameUser($0, node) && isSource($0, rule) }
                    sources = Set(own.flatMap(addresses).map(\.description))
                    destinations = addresses(node).map(\.description)
                } else if isDestination(node, name, rule) {
                    sources = sourceTexts(rule)
                    destinations = destinationTexts(node, name)
                } else {
                    continue
                }
                for source in sources {
                    for destination in destinations {
                        let number = rule.protocolNumber.map { "\($0)" } ?? ""
                        result.insert("\(source) > \(destination) \(rule.ports.first)-\(rule.ports.last) \(number)")
                    }
                }
            }
        }
        return result
    }

    /// Every capability in the packet filter of `node`: source, destination, name.
    func capabilities(_ node: NodeFacts) -> Set<String> {
        var result: Set<String> = []
        for rule in rules {
            guard let capability = rule.capability else { continue }
            for name in rule.destinations where isEnd(node, name) {
                for prefix in destinationPrefixes(node, name) {
                    result.formUnion(sourceTexts(rule).map { "\($0) > \(prefix) \(capability)" })
                }
            }
            guard capability == "tailscale.com/cap/drive" else { continue }
            var exchanged = rule
            exchanged.sources = rule.destinations
            for name in rule.sources where isEnd(node, name) {
                for prefix in destinationPrefixes(node, name) {
                    result.formUnion(sourceTexts(exchanged).map { "\($0) > \(prefix) tailscale.com/cap/drive-sharer" })
                }
            }
        }
        return result
    }

    private func sourceTexts(_ rule: RandomPolicy.Rule) -> Set<String> {
        var result: Set<String> = []
        for name in rule.sources {
            if rule.posture != nil {
                let meant = nodes.filter { isEnd($0, name) && meets($0, rule.posture) }
                result.formUnion(meant.flatMap(addresses).map(\.description))
            } else if name == "*" {
                result.formUnion(Self.everything)
                result.formUnion(nodes.flatMap(subnets).map(\.description))
            } else if let prefix = prefix(name) {
                result.insert(text(prefix))
            } else {
                result.formUnion(nodes.filter { isNamed($0, name) }.flatMap(addresses).map(\.description))
            }
        }
        return result
    }

    private func text(_ prefix: IPPrefix) -> String { prefix.isSingle ? "\(prefix.address)" : "\(prefix)" }

    private func destinationTexts(_ node: NodeFacts, _ name: String) -> [String] {
        if name == "*" { return ["*"] }
        if name == "autogroup:internet" { return Self.internet }
        return prefix(name).map { [text($0)] } ?? addresses(node).map(\.description)
    }

    private func destinationPrefixes(_ node: NodeFacts, _ name: String) -> [IPPrefix] {
        guard let prefix = prefix(name) else { return addresses(node).map(IPPrefix.init(single:)) }
        let own = addresses(node).filter { prefix.contains($0) }.map(IPPrefix.init(single:))
        return own + (subnets(node).contains { overlap($0, prefix) } ? [prefix] : [])
    }

    // MARK: - Routes

    /// The oldest of `nodes`.
    private func oldest(_ nodes: [NodeFacts]) -> NodeFacts? {
        nodes.min { left, right in
            let one = left.created ?? Timestamp(seconds: 0, nanoseconds: 0)
            let other = right.created ?? Timestamp(seconds: 0, nanoseconds: 0)
            return one == other ? left.id < right.id : one < other
        }
    }

    /// The routes of its peer that `viewer` is shown.
    func routes(_ viewer: NodeFacts, _ peer: NodeFacts) -> Set<IPPrefix> {
        var result = Set(subnets(peer).filter { router(of: $0, for: viewer)?.slot == peer.slot })
        if isExitNode(peer), mayExit(viewer, peer) {
            result.formUnion(["0.0.0.0/0", "::/0"].compactMap { IPPrefix(text: $0) })
        }
        return result
    }

    private func router(of route: IPPrefix, for viewer: NodeFacts) -> NodeFacts? {
        let servers = nodes.filter { subnets($0).contains(route) }
        let used = rules.filter { isSource(viewer, $0) }
        func covers(_ name: String) -> Bool { name == "*" || prefix(name).map { overlap($0, route) } ?? false }
        if used.contains(where: { $0.via.isEmpty && $0.destinations.contains(where: covers) }) {
            return oldest(servers)
        }
        let vias = used.filter { rule in
            !rule.via.isEmpty && rule.destinations.contains { prefix($0).map { overlap($0, route) } ?? false }
        }
        if !vias.isEmpty {
            return oldest(
                vias.compactMap { rule in
                    oldest(servers.filter { server in rule.via.contains(where: server.tags.contains) })
                }
            )
        }
        let isReached = rules.contains { rule in
            let isDestination = rule.destinations.contains { self.isDestination(viewer, $0, rule) }
            return isDestination && rule.posture == nil && rule.sources.contains(where: covers)
        }
        return isReached || subnets(viewer).contains(route) ? oldest(servers) : nil
    }

    private func mayExit(_ viewer: NodeFacts, _ peer: NodeFacts) -> Bool {
        rules.contains { rule in
            guard isSource(viewer, rule) else { return false }
            if rule.via.isEmpty { return rule.destinations.contains { $0 == "*" || $0 == "autogroup:internet" } }
            return rule.destinations.contains("autogroup:internet") && rule.via.contains(where: peer.tags.contains)
        }
    }
}
