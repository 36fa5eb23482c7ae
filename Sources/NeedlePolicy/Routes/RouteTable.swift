// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Who serves which prefix, and who of several is primary.
///
/// A primary stays primary until it goes offline or stops serving, even when somebody older comes back.
struct RouteTable: Equatable, Sendable {
    private var servers: [IPPrefix: NodeSet] = [:]
    private var primaries: [IPPrefix: NodeSlot] = [:]
    private(set) var exitNodes = NodeSet()
    /// Subnets that somebody serves, in rising order.
    private(set) var subnets: [IPPrefix] = []
    /// Changes with ``subnets``.
    private(set) var subnetsHash: UInt64 = 0
    /// The selectors of addresses that share one with a subnet.
    private var ends: [IPPrefix: [SelectorID]] = [:]

    /// Only who is primary, for a table that is about to be filled anew.
    var withoutServers: RouteTable {
        var table = RouteTable()
        table.primaries = primaries
        return table
    }

    /// The nodes that serve exactly `route`.
    func servers(of route: IPPrefix) -> NodeSet { servers[route] ?? NodeSet() }

    /// The node that viewers reach `route` through.
    func primary(of route: IPPrefix) -> NodeSlot? { primaries[route] }

    func hasEnds(of route: IPPrefix) -> Bool { ends[route] != nil }

    /// The selectors of addresses that share one with `route`, which somebody serves.
    func ends(of route: IPPrefix) -> [SelectorID] { ends[route] ?? [] }

    mutating func setEnds(_ selectors: [SelectorID], of route: IPPrefix) { ends[route] = selectors }

    /// Takes note that `slot` begins or ends to serve `route`.
    mutating func set(_ route: IPPrefix, _ isServed: Bool, by slot: NodeSlot) {
        var nodes = servers[route] ?? NodeSet()
        if isServed { nodes.insert(slot) } else { nodes.remove(slot) }
        if nodes.isEmpty {
            guard servers.removeValue(forKey: route) != nil else { return }
            ends[route] = nil
            subnetsHash &-= Self.hash(of: route)
            if let index = subnets.firstIndex(of: route) { subnets.remove(at: index) }
        } else {
            if servers.updateValue(nodes, forKey: route) == nil {
                subnets.insert(route, at: subnets.partitioningIndex { $0 > route })
                subnetsHash &+= Self.hash(of: route)
            }
        }
    }

    private static func hash(of route: IPPrefix) -> UInt64 {
        var hash = ContentHash()
        hash.combine(route.address)
        hash.combine(UInt64(route.length))
        return hash.value
    }

    /// Takes note whether `slot` is an exit node.
    mutating func setExitNode(_ slot: NodeSlot, _ isExitNode: Bool) {
        if isExitNode { exitNodes.insert(slot) } else { exitNodes.remove(slot) }
    }

    /// Chooses who is primary for `route`; `rank` says whether a node is online and what place its age gives it.
    mutating func elect(_ route: IPPrefix, rank: (NodeSlot) -> RouterRank?) {
        guard let nodes = servers[route] else {
            primaries[route] = nil
            return
        }
        if let holder = primaries[route], nodes.contains(holder), rank(holder)?.isOnline ?? false { return }
        let online = Self.first(of: nodes, rank: rank) { $0.isOnline }
        if let online {
            primaries[route] = online
        } else if primaries[route].map({ !nodes.contains($0) }) ?? true {
            primaries[route] = Self.first(of: nodes, rank: rank) { _ in true }
        }
    }

    /// The node of the lowest rank among those that `isEligible`.
    static func first(
        of nodes: some Sequence<NodeSlot>,
        rank: (NodeSlot) -> RouterRank?,
        where isEligible: (RouterRank) -> Bool
    ) -> NodeSlot? {
        var best: (slot: NodeSlot, rank: RouterRank)?
        for slot in nodes {
            guard let rank = rank(slot), isEligible(rank) else { continue }
            if let current = best, current.rank.key <= rank.key { continue }
            best = (slot, rank)
        }
        return best?.slot
    }
}
