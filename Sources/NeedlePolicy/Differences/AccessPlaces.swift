// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// What is behind routers and is no node: routes in force, addresses that rules name there, and the internet.
enum AccessPlaces {
    /// If rules name more addresses than this behind routes, only the routes themselves are compared.
    private static let rangesMax = 2_000

    /// The routes that are in force in either graph, and what rules name inside them; no range before one that holds it.
    static func ranges(_ old: PolicyGraph, _ new: PolicyGraph) -> [AddressRange] {
        let routes = Set(old.routes.subnets).union(new.routes.subnets).map { AddressRange($0) }
        guard !routes.isEmpty else { return [] }
        var inside: Set<AddressRange> = []
        for graph in [old, new] {
            for (index, selector) in graph.compiled.table.selectors.enumerated()
            where !graph.compiled.edgesTo[index].isEmpty {
                for range in Self.ranges(of: selector)
                where routes.contains(where: { $0.contains(range) && $0 != range }) {
                    inside.insert(range)
                    guard inside.count <= rangesMax else { return wideFirst(routes) }
                }
            }
        }
        return wideFirst(routes + inside.subtracting(routes))
    }

    private static func wideFirst(_ ranges: [AddressRange]) -> [AddressRange] {
        ranges.sorted { ($0.first, $1.last) < ($1.first, $0.last) }
    }

    private static func ranges(of selector: Selector) -> [AddressRange] {
        if case .via(_, let base) = selector { return base.ranges ?? [] }
        return selector.ranges ?? []
    }

    /// The destinations that all of `range` is in, which lies behind routers of `graph`; none if it does not.
    static func destinations(behind range: AddressRange, _ graph: PolicyGraph) -> [SelectorID] {
        guard graph.routes.subnets.contains(where: { AddressRange($0).contains(range) }) else { return [] }
        return destinations(graph) { id, selector in
            switch selector {
            case .everything, .anywhere: true
            case .addresses(let ranges), .internetAddresses(let ranges): ranges.contains { $0.contains(range) }
            case .via(_, let base):
                base.ranges?.contains { $0.contains(range) } ?? false
                    && graph.members[Int(id)].contains { isServing(range, $0, graph) }
            default: false
            }
        }
    }

    /// The destinations that the internet is in; none if there is no exit node.
    static func internetDestinations(_ graph: PolicyGraph) -> [SelectorID] {
        guard !graph.routes.exitNodes.isEmpty else { return [] }
        return destinations(graph) { id, selector in
            switch selector {
            case .everything, .anywhere, .internet, .internetAddresses: true
            case .via(_, .internet): !graph.members[Int(id)].isEmpty
            default: false
            }
        }
    }

    private static func destinations(
        _ graph: PolicyGraph,
        where isMeant: (SelectorID, Selector) -> Bool
    ) -> [SelectorID] {
        graph.compiled.table.selectors.indices.compactMap { index in
            guard !graph.compiled.edgesTo[index].isEmpty else { return nil }
            let id = SelectorID(index)
            return isMeant(id, graph.compiled.table[id]) ? id : nil
        }
    }

    private static func isServing(_ range: AddressRange, _ slot: NodeSlot, _ graph: PolicyGraph) -> Bool {
        graph.node(slot)?.reach.subnets.contains { AddressRange($0).contains(range) } ?? false
    }
}

extension AddressRange {
    /// Whether all of `other` is in it.
    func contains(_ other: AddressRange) -> Bool { contains(other.first) && contains(other.last) }
}
