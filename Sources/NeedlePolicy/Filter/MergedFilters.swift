// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

/// Packet filters as Tailscale's service writes them: rules with equal sources and protocols are one, at the place where
/// these first occur in the policy.
///
/// Made for one state of a graph, for showing and comparing; clients get chunks, which depend on less.
package struct MergedFilters: Sendable {
    private struct Key: Hashable {
        /// What lists that stand for the same have in common.
        let sources: Int
        let protocols: [Int]
    }

    private let graph: PolicyGraph
    /// By list of sources.
    private let sources: [ResolvedSources]
    private var ids: [ResolvedSources: Int] = [:]
    private var idOfList: [Int] = []
    private var firstOrder: [Key: Int] = [:]

    /// Works out all lists of sources of `graph`.
    package init(_ graph: PolicyGraph) {
        self.graph = graph
        sources = graph.compiled.sourceLists.indices.map { graph.resolve($0) }
        for resolved in sources {
            let id = ids[resolved] ?? ids.count
            ids[resolved] = id
            idOfList.append(id)
        }
        for edge in graph.compiled.edges where !edge.isSelf && occursEverywhere(edge) {
            guard case .packets(let protocols, _) = edge.payload else { continue }
            let key = Key(sources: idOfList[edge.sources], protocols: protocols)
            if firstOrder[key] == nil { firstOrder[key] = edge.order }
        }
    }

    /// Whether the rule exists apart from any node; one with `via` exists at its routers, one to nobody nowhere.
    private func occursEverywhere(_ edge: Edge) -> Bool {
        edge.destinations.contains { id in
            let selector = graph.compiled.table[id]
            if case .via = selector { return false }
            return !selector.isIdentity || !graph.members[Int(id)].isEmpty
        }
    }

    /// The packet filter of the node at `slot`.
    package func filter(of slot: NodeSlot) -> [FilterRule] {
        guard let node = graph.node(slot) else { return [] }
        var builder = RuleBuilder()
        for (index, destinations) in graph.edges(to: node) {
            let edge = graph.compiled.edges[index]
            if case .packets(let protocols, _) = edge.payload {
                let ports = destinations.flatMap { graph.ports(of: [index], to: $0, at: node) }
                let key = Key(sources: idOfList[edge.sources], protocols: protocols)
                let order = min(edge.order, firstOrder[key] ?? .max)
                builder.add(key, order, ports) { graph.texts(of: sources[edge.sources]) }
            } else if let rule = graph.rule(for: edge, to: destinations, sources[edge.sources], at: node) {
                builder.rules.append((edge.order, rule))
            }
        }
        for index in graph.compiled.selfEdges { add(index, of: node, slot, to: &builder) }
        return builder.rules.sorted { $0.order < $1.order }.map(\.rule)
    }

    /// Adds the rule of an edge to `autogroup:self`.
    private func add(_ index: Int, of node: PolicyGraph.Node, _ slot: NodeSlot, to builder: inout RuleBuilder) {
        let edge = graph.compiled.edges[index]
        let own = graph.ownSources(edge.sources, of: node)
        guard case .packets(let protocols, let ports) = edge.payload else {
            if let rule = graph.selfRule(for: edge, own, at: node, slot) { builder.rules.append((edge.order, rule)) }
            return
        }
        guard !own.isEmpty else { return }
        let sources = ResolvedSources(nodes: own)
        let key = Key(sources: ids[sources] ?? builder.id(of: sources), protocols: protocols)
        let order = min(edge.order, firstOrder[key] ?? .max)
        builder.add(key, order, PolicyGraph.destinations(node.addresses, ports)) { graph.texts(of: sources) }
    }

    /// The rules of one node, with their places in the policy.
    private struct RuleBuilder {
        var rules: [(order: Int, rule: FilterRule)] = []
        private var merged: [Key: Int] = [:]
        private var ids: [ResolvedSources: Int] = [:]

        /// A number, apart from those of lists, for the sources of a user's own devices.
        mutating func id(of sources: ResolvedSources) -> Int {
            let id = ids[sources] ?? -1 - ids.count
            ids[sources] = id
            return id
        }

        /// Adds a rule, or only its ports to one with the same key.
        mutating func add(_ key: Key, _ order: Int, _ ports: [NetPortRange], from texts: () -> [String]) {
            guard !ports.isEmpty else { return }
            if let index = merged[key] {
                rules[index].rule.dstPorts += ports
                rules[index].order = min(rules[index].order, order)
                return
            }
            let sources = texts()
            guard !sources.isEmpty else { return }
            merged[key] = rules.count
            rules.append((order, FilterRule(srcIPs: sources, dstPorts: ports, ipProto: key.protocols)))
        }
    }
}

extension PolicyGraph {
    /// The edges that lead to `node`, in the order of the policy, and by which of their destinations.
    func edges(to node: Node) -> [(index: Int, destinations: [SelectorID])] {
        var found: [Int: [SelectorID]] = [:]
        for id in nodeClass(node).selectors {
            for index in compiled.edgesTo[Int(id)] { found[Int(index), default: []].append(id) }
        }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// Where packets of `edges` may go that lead to `node` by being in the selector `id`.
    func ports(of edges: [Int], to id: SelectorID, at node: Node) -> [NetPortRange] {
        let texts = destinationTexts(id, at: node)
        return edges.flatMap { index -> [NetPortRange] in
            guard case .packets(_, let ports) = compiled.edges[index].payload else { return [] }
            return Self.destinations(texts, ports)
        }
    }

    /// The rule that gives the capabilities of `edge` at `node`, which is in `destinations`.
    func rule(for edge: Edge, to destinations: [SelectorID], _ sources: ResolvedSources, at node: Node) -> FilterRule? {
        guard case .capabilities(let capabilities) = edge.payload else { return nil }
        let grants = edge.destinations.compactMap { id -> CapGrant? in
            guard destinations.contains(id) else { return nil }
            let prefixes = destinationPrefixes(id, at: node)
            return prefixes.isEmpty ? nil : CapGrant(dsts: prefixes, capMap: capabilities)
        }
        return grants.isEmpty ? nil : FilterRule(srcIPs: texts(of: sources), capGrant: grants)
    }

    /// The rule that gives the capabilities of an edge to `autogroup:self` at `node`, whose owner's sources are `own`.
    ///
    /// A companion is the other way round: from all of the owner's nodes to those that are sources.
    func selfRule(for edge: Edge, _ own: NodeSet, at node: Node, _ slot: NodeSlot) -> FilterRule? {
        guard case .capabilities(let capabilities) = edge.payload, !own.isEmpty else { return nil }
        var sources = own
        if edge.isCompanion {
            guard own.contains(slot), let user = node.facts.user, let all = ownNodes[user.id] else { return nil }
            sources = all
        }
        let grant = CapGrant(dsts: node.reach.addresses.map(IPPrefix.init(single:)), capMap: capabilities)
        return FilterRule(srcIPs: texts(of: ResolvedSources(nodes: sources)), capGrant: [grant])
    }
}
