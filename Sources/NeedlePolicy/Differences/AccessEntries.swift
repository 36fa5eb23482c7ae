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
    }

    private func compare(_ old: [Int], _ new: [Int]) -> AccessComparison? {
        let before = Set(old)
        let after = Set(new)
        guard before != after else { return nil }
        return AccessComparison(before.map { entries[$0] }, after.map { entries[$0] }, comparison.sources)
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
        return graph.ownSelectors(of: node).flatMap { id in graph.compiled.edgesTo[Int(id)].compactMap { ids[$0] } }
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

    /// The comparisons at routes, at addresses behind them, and at the internet.
    func placeComparisons() -> [(place: String, comparison: AccessComparison)] {
        var result: [(place: String, comparison: AccessComparison)] = []
        for range in AccessPlaces.ranges(comparison.old, comparison.new) {
            let before = AccessPlaces.destinations(behind: range, comparison.old)
            let after = AccessPlaces.destinations(behind: range, comparison.new)
            if let compared = compare(before, after) { result.append((range.description, compared)) }
        }
        let before = AccessPlaces.internetDestinations(comparison.old)
        let after = AccessPlaces.internetDestinations(comparison.new)
        if let compared = compare(before, after) { result.append(("the internet, through exit nodes", compared)) }
        return result
    }

    private func compare(_ before: [SelectorID], _ after: [SelectorID]) -> AccessComparison? {
        compare(
            before.flatMap { id in comparison.old.compiled.edgesTo[Int(id)].compactMap { oldIDs[$0] } },
            after.flatMap { id in comparison.new.compiled.edgesTo[Int(id)].compactMap { newIDs[$0] } }
        )
    }

    // MARK: - autogroup:self

    /// What nodes gain and lose towards devices of the same user; nothing if those rules are as they were.
    func ownDevices() -> AccessComparison.Result? {
        let before = comparison.old.compiled.selfEdges.compactMap { oldIDs[$0] }
        let after = comparison.new.compiled.selfEdges.compactMap { newIDs[$0] }
        guard let compared = compare(before, after) else { return nil }
        var result = AccessComparison.Result()
        compared.forEachPiece { number, piece, before, after in
            let gained = owned(after.nodes.subtracting(before.nodes), comparison.new) { slot in
                sources(comparison.old, oldIDs, to: slot, number, piece)
            }
            let lost = owned(before.nodes.subtracting(after.nodes), comparison.old) { slot in
                sources(comparison.new, newIDs, to: slot, number, piece)
            }
            if !gained.isEmpty {
                result.gained[AccessSources(nodes: gained), default: Traffic()].append(piece, of: number)
            }
            if !lost.isEmpty { result.lost[AccessSources(nodes: lost), default: Traffic()].append(piece, of: number) }
        }
        return result
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
