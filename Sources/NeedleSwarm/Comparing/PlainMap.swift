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
        let own = map.node.map(Self.name)
        for rule in map.filter.values.joined() { add(rule, names, own: own) }
        for (flow, ranges) in flows { flows[flow] = Self.merged(ranges) }
        shell = (map.sshPolicy?.rules ?? []).map { Self.text($0, names) }
        if let dns = map.dns { self.dns = Self.texts(dns, names) }
    }

    /// The first part of the node's name, which the roster chose.
    static func name(_ node: Node) -> String {
        String(node.name.prefix { $0 != "." }).lowercased()
    }

    // MARK: - Filter

    /// TCP, UDP and ICMP, which a rule without protocols means.
    private static let usualProtocols = [1, 6, 17, 58]

    private mutating func add(_ rule: FilterRule, _ names: NodeNames, own: String?) {
        func target(_ text: String) -> String {
            own.map { text == "\($0)/4" ? "itself/4" : text == "\($0)/6" ? "itself/6" : text } ?? text
        }
        let sources = rule.srcIPs.flatMap { Self.texts($0, names) }
        let protocols = rule.ipProto.isEmpty ? Self.usualProtocols : rule.ipProto
        for destinations in rule.dstPorts {
            let first = Int(destinations.ports.first)
            let ports = first...max(Int(destinations.ports.last), first)
            for destination in Self.texts(destinations.ip, names).map(target) {
                for source in sources {
                    for number in protocols {
                        let flow = PlainFlow(source: source, destination: destination, number: number)
                        flows[flow, default: []].append(ports)
                    }
                }
            }
        }
        for grant in rule.capGrant {
            for destination in grant.dsts {
                for source in sources {
                    for capability in grant.capMap.keys {
                        capabilities.insert("\(capability) from \(source) to \(target(names.text(destination)))")
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

    private static func texts(_ dns: DNSConfig, _ names: NodeNames) -> Set<String> {
        var texts: Set<String> = []
        for resolver in dns.resolvers { texts.insert("resolver \(resolver.addr)") }
        for resolver in dns.fallbackResolvers { texts.insert("fallback resolver \(resolver.addr)") }
        for (suffix, resolvers) in dns.routes {
            texts.insert("route \(suffix) to \(resolvers.map(\.addr).sorted().joined(separator: ","))")
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
