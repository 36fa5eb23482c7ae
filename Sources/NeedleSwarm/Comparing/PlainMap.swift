// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes
internal import NeedleWire

/// What one client was told, in names instead of ids and addresses, so that two servers can be compared.
struct PlainMap: Equatable, Sendable {
    /// Peers by name.
    var peers: Set<String> = []
    /// By peer, and by the client itself: the addresses and routes through it.
    var allowed: [String: Set<String>] = [:]
    /// Who may reach which ports of the client.
    var flows: [PlainFlow: [ClosedRange<Int>]] = [:]
    /// Capabilities that peers have at this client.
    var capabilities: Set<String> = []
    /// Rules of the SSH server, in order.
    var shell: [String] = []
    /// How names are resolved.
    var dns: Set<String> = []
    /// The DNS zones of the tailnet's own addresses that the client answers for itself; servers list some 65 of them.
    var reverseZones: Set<String> = []

    /// A map in names.
    ///
    /// - Parameters:
    ///   - map: what the client knows.
    ///   - names: of the server that told it.
    init(_ map: ClientMap, _ names: NodeNames) {
        for peer in map.peers.values {
            let name = Self.name(peer)
            peers.insert(name)
            allowed[name] = Set((peer.allowedIPs ?? []).map(names.text))
        }
        if let own = map.node { allowed["itself"] = Set((own.allowedIPs ?? []).map(names.text)) }
        for rule in map.filter.values.joined() { add(rule, names, map.node) }
        for (flow, ranges) in flows { flows[flow] = Self.merged(ranges) }
        shell = (map.sshPolicy?.rules ?? []).map { Self.text($0, names) }
        if let dns = map.dns {
            reverseZones = Self.reverseZones(dns)
            self.dns = Self.texts(dns, names, without: reverseZones)
        }
    }

    /// The first part of the node's name, which the roster chose.
    static func name(_ node: Node) -> String {
        String(node.name.prefix { $0 != "." }).lowercased()
    }

    // MARK: - Filter

    /// TCP, UDP and ICMP, which a rule without protocols means.
    private static let usualProtocols = [1, 6, 17, 58]

    private mutating func add(_ rule: FilterRule, _ names: NodeNames, _ node: Node?) {
        let sources = rule.srcIPs.flatMap { Self.texts($0, names) }
        let protocols = rule.ipProto.isEmpty ? Self.usualProtocols : rule.ipProto
        for destinations in rule.dstPorts {
            let first = Int(destinations.ports.first)
            let ports = first...max(Int(destinations.ports.last), first)
            for destination in Self.destinations(destinations.ip, node) {
                for source in sources {
                    for number in protocols {
                        let flow = PlainFlow(source: source, destination: destination, number: number)
                        flows[flow, default: []].append(ports)
                    }
                }
            }
        }
        for grant in rule.capGrant {
            for destination in grant.dsts.flatMap({ Self.destinations("\($0)", node) }) {
                for source in sources {
                    for capability in grant.capMap.keys {
                        capabilities.insert("\(capability) from \(source) to \(destination)")
                    }
                }
            }
        }
    }

    /// Nodes by name; what is no node stays as it is, unless it is a part of the tailnet where no node is.
    private static func texts(_ text: String, _ names: NodeNames) -> [String] {
        guard let range = range(text) else { return [text] }
        let inside = names.names(in: range)
        let isTailnet = PlainVisibility.tailnets.contains {
            $0.contains(range.lowerBound) && $0.contains(range.upperBound)
        }
        return isTailnet ? inside : inside + [text]
    }

    /// Which addresses of the client's own, and which of its routes, are in a destination.
    ///
    /// What else is in it does not matter, since packets for others do not come to this client: servers write
    /// neighbouring addresses as one prefix, or `*` for all.
    private static func destinations(_ text: String, _ node: Node?) -> [String] {
        let isEverything = text == "*"
        guard let range = range(isEverything ? "0.0.0.0/0" : text) else { return [text] }
        func isMeant(_ prefix: IPPrefix) -> Bool {
            isEverything || prefix.address <= range.upperBound && range.lowerBound <= prefix.last
        }
        let own = node?.addresses ?? []
        let routes = (node?.allowedIPs ?? []).filter { !own.contains($0) }
        let addresses = own.filter(isMeant).map { "itself/\($0.address.family == .v4 ? 4 : 6)" }
        return addresses + (routes.contains(where: isMeant) ? [text] : [])
    }

    private static func range(_ text: String) -> ClosedRange<IPAddress>? {
        if let prefix = IPPrefix(text: text) { return prefix.address...prefix.last }
        if let address = IPAddress(text: text) { return address...address }
        let ends = text.split(separator: "-").compactMap { IPAddress(text: $0) }
        guard ends.count == 2, ends[0].family == ends[1].family, ends[0] <= ends[1] else { return nil }
        return ends[0]...ends[1]
    }

    private static func merged(_ ranges: [ClosedRange<Int>]) -> [ClosedRange<Int>] {
        var result: [ClosedRange<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = result.last, range.lowerBound <= last.upperBound + 1 {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }

    // MARK: - SSH and DNS

    private static func text(_ rule: SSHRule, _ names: NodeNames) -> String {
        let principals = Set(
            rule.principals.map { principal in
                if principal.any { return "anybody" }
                if let address = IPAddress(text: principal.nodeIP) {
                    return names.nameOfAddress[address] ?? principal.nodeIP
                }
                return principal.node.isEmpty ? principal.userLogin : names.nameOfID[principal.node] ?? principal.node
            }
        )
        let users = rule.sshUsers.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
        let action = rule.action
        let verdict =
            action?.reject ?? false
            ? "reject" : action?.accept ?? false ? "accept" : action?.holdAndDelegate.isEmpty ?? true ? "none" : "check"
        return "\(principals.sorted().joined(separator: ",")) as \(users): \(verdict)"
    }

    private static func reverseZones(_ dns: DNSConfig) -> Set<String> {
        let zones = dns.routes.filter { $0.value.isEmpty && ReverseZone(name: $0.key)?.isOfTailnet == true }
        return Set(zones.keys.map { $0.lowercased() })
    }

    private static func texts(_ dns: DNSConfig, _ names: NodeNames, without zones: Set<String>) -> Set<String> {
        var texts: Set<String> = []
        for resolver in dns.resolvers { texts.insert("resolver \(resolver.addr)") }
        for resolver in dns.fallbackResolvers { texts.insert("fallback resolver \(resolver.addr)") }
        for (suffix, resolvers) in dns.routes where !zones.contains(suffix.lowercased()) {
            let addresses = resolvers.map(\.addr).sorted().joined(separator: ",")
            texts.insert("route \(suffix) to \(addresses.isEmpty ? "the client itself" : addresses)")
        }
        for domain in dns.domains { texts.insert("domain \(domain)") }
        for record in dns.extraRecords {
            let value = IPAddress(text: record.value).flatMap { names.nameOfAddress[$0] } ?? record.value
            texts.insert("record \(record.name) \(record.type) \(value)")
        }
        if dns.proxied { texts.insert("MagicDNS") }
        return texts
    }
}
