// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// The rules of two graphs that let packets through, by destination.
struct AccessEntries {
    private let comparison: GraphComparison
    /// Distinct entries of both graphs, and by edge, its number; absent for capabilities.
    private let entries: Interned<AccessEntry>
    private let oldIDs: [Int?]
    private let newIDs: [Int?]
    /// The ports of rules to `autogroup:self`.
    private let selfPorts: [[PortRange]]

    init(_ comparison: GraphComparison) {
        self.comparison = comparison
        var entries = Interned<AccessEntry>()
        func ids(_ graph: PolicyGraph, _ lists: [Int]) -> [Int?] {
            graph.compiled.edges.map { edge in
                guard case .packets(let protocols, let ports) = edge.payload else { return nil }
                return entries.id(of: AccessEntry(sources: lists[edge.sources], protocols: protocols, ports: ports))
            }
        }
        oldIDs = ids(comparison.old, comparison.oldLists)
        newIDs = ids(comparison.new, comparison.newLists)
        self.entries = entries
        selfPorts = [comparison.old, comparison.new].flatMap { graph in
            graph.compiled.selfEdges.compactMap { index in
                if case .packets(_, let ports) = graph.compiled.edges[index].payload { ports } else { nil }
            }
        }
    }

    private func compare(_ old: [Int], _ new: [Int]) -> AccessComparison? {
        let before = Set(old)
        let after = Set(new)
        guard before != after else { return nil }
        return AccessComparison(
            before.map { entries[$0] },
            after.map { entries[$0] },
            comparison.sources,
            cuts: selfPorts
        )
    }

    // MARK: - Nodes

    /// The comparison at the nodes of `kind`; nothing if nothing about them has changed.
    func comparison(at kind: JointClass) -> AccessComparison? {
        compare(
            ids(comparison.old, oldIDs, at: kind.first),
            ids(comparison.new, newIDs, at: kind.first)
        )
    }

    private func ids(_ graph: PolicyGraph, _ ids: [Int?], at slot: NodeSlot) -> [Int] {
        guard let node = graph.node(slot) else { return [] }
        return graph.ownSelectors(of: node).flatMap { id in graph.compiled.edgesTo[Int(id)].compactMap { ids[Int($0)] }
        }
    }

    /// Who may send a piece to the nodes of `kind`, other than by `autogroup:self`.
    private func sources(
        _ graph: PolicyGraph,
        _ ids: [Int?],
        to slot: NodeSlot,
        _ number: Int,
        _ piece: PortRange
    ) -> NodeSet {
        var result = NodeSet()
        for id in Set(self.ids(graph, ids, at: slot)) {
            let isOpen = entries[id].ports(of: number).contains { $0.first <= piece.first && piece.last <= $0.last }
            if isOpen { result.formUnion(comparison.sources[entries[id].sources].nodes) }
        }
        return result
    }

    // MARK: - Behind routers

    /// The comparisons at routes and at addresses behind them, wide ones first.
    func placeComparisons() -> [(range: AddressRange, comparison: AccessComparison)] {
        AccessPlaces.ranges(comparison.old, comparison.new).compactMap { range in
            let before = AccessPlaces.destinations(behind: range, comparison.old)
            let after = AccessPlaces.destinations(behind: range, comparison.new)
            return compare(before, after).map { (range, $0) }
        }
    }

    /// The comparison at the internet.
    func internetComparison() -> AccessComparison? {
        compare(
            AccessPlaces.internetDestinations(comparison.old),
            AccessPlaces.internetDestinations(comparison.new)
        )
    }

    private func compare(_ before: [SelectorID], _ after: [SelectorID]) -> AccessComparison? {
        compare(
            before.flatMap { id in comparison.old.compiled.edgesTo[Int(id)].compactMap { oldIDs[Int($0)] } },
            after.flatMap { id in comparison.new.compiled.edgesTo[Int(id)].compactMap { newIDs[Int($0)] } }
        )
    }

    // MARK: - autogroup:self

    /// Whether either policy has rules to `autogroup:self`.
    var hasSelfEdges: Bool {
        !comparison.old.compiled.selfEdges.isEmpty || !comparison.new.compiled.selfEdges.isEmpty
    }

    /// The nodes that `autogroup:self` lets send a piece to devices of the same user, before or after.
    func selfSources(isNew: Bool, _ number: Int, _ piece: PortRange) -> NodeSet {
        let ids = isNew ? newIDs : oldIDs
        let edges = (isNew ? comparison.new : comparison.old).compiled.selfEdges
        return edges.compactMap { ids[$0] }.reduce(into: NodeSet()) { result, id in
            let isOpen = entries[id].ports(of: number).contains { $0.first <= piece.first && piece.last <= $0.last }
            if isOpen { result.formUnion(comparison.sources[entries[id].sources].nodes) }
        }
    }

    /// What nodes gain and lose towards devices of the same user.
    func ownDeviceChanges() -> [GraphComparison.AccessChange] {
        let before = comparison.old.compiled.selfEdges.compactMap { oldIDs[Int($0)] }
        let after = comparison.new.compiled.selfEdges.compactMap { newIDs[Int($0)] }
        guard let compared = compare(before, after) else { return [] }
        var gained: [NodeSet: Traffic] = [:]
        var lost: [NodeSet: Traffic] = [:]
        compared.forEachPiece { number, piece, before, after in
            let more = owned(after.nodes.subtracting(before.nodes), comparison.new) { slot in
                sources(comparison.old, oldIDs, to: slot, number, piece)
            }
            let fewer = owned(before.nodes.subtracting(after.nodes), comparison.old) { slot in
                sources(comparison.new, newIDs, to: slot, number, piece)
            }
            if !more.isEmpty { gained[more, default: Traffic()].append(piece, of: number) }
            if !fewer.isEmpty { lost[fewer, default: Traffic()].append(piece, of: number) }
        }
        return [(true, gained), (false, lost)].flatMap { isGained, changes in
            changes.map { nodes, traffic in
                GraphComparison.AccessChange(
                    isGained: isGained,
                    sources: AccessSources(nodes: nodes),
                    traffic: traffic
                )
            }
        }
    }

    /// Those of `nodes` that have a user, but for those that `others` lets reach all of the user's nodes anyway.
    private func owned(_ nodes: NodeSet, _ graph: PolicyGraph, _ others: (NodeSlot) -> NodeSet) -> NodeSet {
        var known: [Int: NodeSet] = [:]
        var result = NodeSet()
        for own in graph.ownNodes.values {
            var gaining = nodes.intersection(own)
            guard !gaining.isEmpty else { continue }
            var anyway = own
            for slot in own {
                guard let kind = graph.node(slot)?.classID else { continue }
                let allowed = known[kind] ?? others(slot)
                known[kind] = allowed
                anyway.formIntersection(allowed)
            }
            gaining.subtract(anyway)
            result.formUnion(gaining)
        }
        return result
    }
}

extension PolicyGraph {
    /// The selectors that `node` is in by what it is and its own addresses, not by what lies behind it.
    func ownSelectors(of node: Node) -> [SelectorID] {
        nodeClass(node).selectors.filter { id in
            switch compiled.table[id] {
            case .internet, .via, .nodesAt: return false
            case .addresses(let ranges), .internetAddresses(let ranges):
                return node.reach.addresses.contains { address in ranges.contains { $0.contains(address) } }
            default: return true
            }
        }
    }
}
