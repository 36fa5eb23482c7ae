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
        let sources: ResolvedSources
        let protocols: [Int]
    }

    private let graph: PolicyGraph
    private let sources: [ResolvedSources]
    private var firstOrder: [Key: Int] = [:]

    /// Works out all lists of sources of `graph`.
    package init(_ graph: PolicyGraph) {
        self.graph = graph
        sources = graph.compiled.sourceLists.indices.map { graph.resolve($0) }
        for edge in graph.compiled.edges where !edge.isSelf && occursEverywhere(edge) {
            guard case .packets(let protocols, _) = edge.payload else { continue }
            let key = Key(sources: sources[edge.sources], protocols: protocols)
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
        var rules: [(order: Int, rule: FilterRule)] = []
        var merged: [Key: Int] = [:]
        func add(_ sources: ResolvedSources, _ protocols: [Int], _ order: Int, _ ports: [NetPortRange]) {
            guard !sources.isEmpty, !ports.isEmpty else { return }
            let key = Key(sources: sources, protocols: protocols)
            let place = min(order, firstOrder[key] ?? .max)
            if let index = merged[key] {
                rules[index].rule.dstPorts += ports
                rules[index].order = min(rules[index].order, place)
            } else {
                merged[key] = rules.count
                rules.append(
                    (place, FilterRule(srcIPs: graph.texts(of: sources), dstPorts: ports, ipProto: protocols))
                )
            }
        }
        let kind = graph.nodeClass(node)
        for part in kind.packets {
            let group = graph.compiled.packetGroups[part.group]
            add(sources[group.sources], group.protocols, part.order, graph.ports(of: part, kind, at: node))
        }
        for index in kind.capabilities {
            let edge = graph.compiled.edges[index]
            if let rule = graph.rule(for: edge, sources[edge.sources], at: node) { rules.append((edge.order, rule)) }
        }
        for index in graph.compiled.selfEdges {
            let edge = graph.compiled.edges[index]
            let own = graph.ownSources(edge.sources, of: node)
            if case .packets(let protocols, let ports) = edge.payload {
                let sources = ResolvedSources(nodes: own)
                add(sources, protocols, edge.order, PolicyGraph.destinations(node.addresses, ports))
            } else if let rule = graph.selfRule(for: edge, own, at: node, slot) {
                rules.append((edge.order, rule))
            }
        }
        return rules.sorted { $0.order < $1.order }.map(\.rule)
    }
}

extension PolicyGraph {
    /// Where packets of `part` may go at `node`, which is of the class `kind`.
    func ports(of part: NodeClass.PacketPart, _ kind: NodeClass, at node: Node) -> [NetPortRange] {
        kind.entries[part.entries].flatMap { entry -> [NetPortRange] in
            guard case .packets(_, let ports) = compiled.edges[Int(entry.edge)].payload else { return [] }
            return Self.destinations(destinationTexts(entry.destination, at: node), ports)
        }
    }

    /// The rule that gives the capabilities of `edge` at `node`.
    func rule(for edge: Edge, _ sources: ResolvedSources, at node: Node) -> FilterRule? {
        guard case .capabilities(let capabilities) = edge.payload else { return nil }
        let selectors = nodeClass(node).selectors
        let grants = edge.destinations.compactMap { id -> CapGrant? in
            guard selectors.contains(id) else { return nil }
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
