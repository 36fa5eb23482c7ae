// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// Turns a checked policy into selectors and edges.
struct PolicyCompiler {
    private let syntax: PolicySyntax
    var compiled: CompiledPolicy
    private var listIDs: [[SelectorID]: Int] = [:]
    private var postureSets: [[String]: PostureSet] = [:]
    private let addressSets: [String: AddressSetResolver.Resolved]

    init(_ syntax: PolicySyntax) {
        self.syntax = syntax
        let members = syntax.groups.map { ($0.name, $0.values.map { $0.value.lowercased() }) }
        compiled = CompiledPolicy(
            table: SelectorTable(groupMembers: Dictionary(members, uniquingKeysWith: { $0 + $1 }))
        )
        addressSets = AddressSetResolver(syntax).resolve()
    }

    mutating func compile() -> CompiledPolicy {
        for grant in syntax.grants ?? [] { add(grant) }
        for rule in syntax.accessRules ?? [] { add(rule) }
        if syntax.grants == nil, syntax.accessRules == nil { allowEverything() }
        for entry in syntax.ssh { add(entry) }
        for entry in syntax.nodeAttributes {
            let targets = entry.targets.compactMap { nodes($0.value) }
            compiled.nodeAttributes.append(
                CompiledPolicy.NodeAttributes(
                    targets: targets,
                    attributes: entry.attributes,
                    ipPool: entry.ipPool.map(\.value)
                )
            )
        }
        for (prefix, approvers) in syntax.routeApprovers {
            compiled.routeApprovers.append((prefix, approvers.compactMap { nodes($0.value) }))
        }
        compiled.exitNodeApprovers = syntax.exitNodeApprovers.compactMap { nodes($0.value) }
        compiled.disablesIPv4 = syntax.disablesIPv4
        compiled.randomizesClientPort = syntax.randomizesClientPort
        indexAttributes()
        compiled.table.seal()
        connect()
        divide()
        return compiled
    }

    // MARK: - Rules

    private mutating func allowEverything() {
        let everything = compiled.table.intern(.everything)
        append([everything], to: [everything], .packets(protocols: [], ports: [.any]), offset: 0)
    }

    /// Destinations that are no autogroup come first, then the autogroups, each as written.
    private mutating func add(_ rule: PolicySyntax.AccessRule) {
        let sources = sources(rule.sources, rule.postures)
        guard !sources.isEmpty else { return }
        let others = rule.destinations.filter { !$0.alias.value.isAutogroup }
        let autogroups = rule.destinations.filter { $0.alias.value.isAutogroup }
        for (alias, ports) in others + autogroups {
            let payload = Edge.Payload.packets(protocols: rule.protocols, ports: ports)
            if alias.value == .autogroup(.selfDevices) {
                append(sources, to: [], payload, offset: rule.offset, isSelf: true)
            } else if let destination = end(alias.value) {
                append(sources, to: [destination], payload, offset: rule.offset)
            }
        }
    }

    private mutating func add(_ grant: PolicySyntax.Grant) {
        let sources = sources(grant.sources, grant.postures)
        guard !sources.isEmpty, !grant.destinations.isEmpty else { return }
        let tags = grant.via.map(\.value)
        let destinations = grant.destinations.compactMap { destination(of: $0.value, via: tags) }
        if !destinations.isEmpty { add(grant, from: sources, to: destinations) }
        if tags.isEmpty, grant.destinations.contains(where: { $0.value == .autogroup(.selfDevices) }) {
            add(grant, from: sources, to: nil)
        }
    }

    /// Adds the edges of `grant` to `destinations`, or to each user's own devices: packets, capabilities, companions.
    private mutating func add(_ grant: PolicySyntax.Grant, from sources: [SelectorID], to destinations: [SelectorID]?) {
        let isSelf = destinations == nil
        for ip in grant.ip {
            let payload = Edge.Payload.packets(protocols: ip.protocols, ports: ip.ports)
            for ends in destinations.map({ $0.map { [$0] } }) ?? [[]] {
                append(sources, to: ends, payload, offset: grant.offset, isSelf: isSelf)
            }
        }
        guard !grant.app.isEmpty, grant.via.isEmpty else { return }
        let capabilities = Dictionary(grant.app.map { ($0.name, $0.values) }, uniquingKeysWith: { $1 })
        append(sources, to: destinations ?? [], .capabilities(capabilities), offset: grant.offset, isSelf: isSelf)
        for (capability, companion) in Self.companions where capabilities[capability] != nil {
            append(
                destinations ?? sources,
                to: isSelf ? [] : sources,
                .capabilities([companion: []]),
                offset: grant.offset,
                isSelf: isSelf,
                isCompanion: true
            )
        }
    }

    /// Capabilities for whose sake the source has to be told of the destination, too, in the order of their companions.
    private static let companions: [(capability: String, companion: String)] = [
        ("tailscale.com/cap/drive", "tailscale.com/cap/drive-sharer"),
        ("tailscale.com/cap/relay", "tailscale.com/cap/relay-target"),
    ]

    /// Destinations may repeat; each counts once.
    private mutating func append(
        _ sources: [SelectorID],
        to destinations: [SelectorID],
        _ payload: Edge.Payload,
        offset: Int,
        isSelf: Bool = false,
        isCompanion: Bool = false
    ) {
        compiled.edges.append(
            Edge(
                order: compiled.edges.count,
                offset: offset,
                sources: list(sources),
                destinations: destinations.count > 1 ? destinations.eachOnce() : destinations,
                isSelf: isSelf,
                isCompanion: isCompanion,
                payload: payload
            )
        )
    }

    private mutating func list(_ sources: [SelectorID]) -> Int {
        let sorted = sources.sortedUnique()
        if let id = listIDs[sorted] { return id }
        listIDs[sorted] = compiled.sourceLists.count
        compiled.sourceLists.append(sorted)
        return compiled.sourceLists.count - 1
    }

    private mutating func add(_ entry: PolicySyntax.SSHEntry) {
        let postures = postures(entry.postures)
        compiled.ssh.append(
            CompiledPolicy.SSHEntry(
                offset: entry.offset,
                isCheck: entry.action == "check",
                checkPeriod: entry.checkPeriod?.value,
                sources: entry.sources.compactMap { nodes($0.value, postures) },
                destinations: entry.destinations.compactMap { nodes($0.value) },
                reachesSelf: entry.destinations.contains { $0.value == .autogroup(.selfDevices) },
                users: entry.users.map(\.value),
                acceptEnv: entry.acceptEnv,
                recorders: entry.recorders.compactMap { Alias($0.value) }.compactMap { nodes($0) },
                enforceRecorder: entry.enforceRecorder
            )
        )
    }

    private mutating func indexAttributes() {
        for (index, entry) in compiled.nodeAttributes.enumerated() {
            let isWithoutIPv4 = entry.attributes.contains { $0.name == "disable-ipv4" }
            for target in entry.targets {
                compiled.attributesTo[target, default: []].append(index)
                if isWithoutIPv4 { compiled.withoutIPv4.insert(Int(target)) }
            }
        }
    }

    // MARK: - Names to selectors

    private mutating func sources(
        _ aliases: [PolicySyntax.PlacedAlias],
        _ names: [PolicySyntax.Placed<String>]?
    ) -> [SelectorID] {
        let postures = postures(names)
        return aliases.compactMap { alias in
            guard let selector = selector(alias.value) else { return nil }
            return compiled.table.intern(postures.isEmpty ? selector : .conditional(postures, selector))
        }
    }

    /// What `srcPosture` or, without one, `defaultSrcPosture` says; empty when anything will do.
    private mutating func postures(_ names: [PolicySyntax.Placed<String>]?) -> PostureSet {
        let key = (names ?? syntax.defaultPostures).map(\.value)
        if let known = postureSets[key] { return known }
        let set = PostureSet(conditions(names))
        postureSets[key] = set
        return set
    }

    func conditions(_ names: [PolicySyntax.Placed<String>]?) -> [[PostureCondition]] {
        (names ?? syntax.defaultPostures).compactMap { name in
            syntax.postures[name.value] ?? (try? PostureParser.parse(name.value)).map { [$0] }
        }
    }

    private mutating func end(_ alias: Alias) -> SelectorID? {
        selector(alias).map { compiled.table.intern($0) }
    }

    private mutating func destination(of alias: Alias, via tags: [String]) -> SelectorID? {
        guard let selector = selector(alias) else { return nil }
        if tags.isEmpty { return compiled.table.intern(selector) }
        guard selector == .internet || selector.ranges != nil else { return nil }
        return compiled.table.intern(.via(tags.sorted(), selector))
    }

    /// As a name of nodes: addresses stand for nodes, not for what lies behind them.
    private mutating func nodes(_ alias: Alias, _ postures: PostureSet = PostureSet([])) -> SelectorID? {
        guard var selector = selector(alias) else { return nil }
        if let ranges = selector.ranges { selector = .nodesAt(ranges) }
        return compiled.table.intern(postures.isEmpty ? selector : .conditional(postures, selector))
    }

    func selector(_ alias: Alias) -> Selector? {
        switch alias {
        case .everything: .everything
        case .user(let name): .user(name.lowercased())
        case .userDomain(let domain): .userDomain(domain)
        case .group(let name): .group(name)
        case .tag(let name): .tag(name)
        case .autogroup(.internet): .internet
        case .autogroup(.dangerAll): .anywhere
        case .autogroup(.selfDevices), .autogroup(.nonroot): nil
        case .autogroup(let autogroup): .autogroup(autogroup)
        case .host(let name): syntax.hosts[name].map { .addresses([$0]) }
        case .addresses(let range): .addresses([range])
        case .ipset(let name):
            addressSets[name].map {
                $0.hasInternet ? .internetAddresses($0.addresses.ranges) : .addresses($0.addresses.ranges)
            }
        case .service(let name): .service(name)
        }
    }
}
