// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Through which node the way to an end leads, and what is to be said about that.
struct ExplainedWay {
    /// The node whose packet filter decides; nothing if there is no way at all.
    private(set) var gate: NodeSlot?
    /// Whether whoever asks is told of the way.
    private(set) var isOpen = false
    private(set) var notes: [String] = []

    private let graph: PolicyGraph
    private let names: (NodeSlot) -> String

    /// The way from `source` to `end`.
    init(from source: NodeSlot?, to end: PolicyQuestion.End, graph: PolicyGraph, names: @escaping (NodeSlot) -> String)
    {
        self.graph = graph
        self.names = names
        switch end {
        case .node(let slot):
            gate = slot
            isOpen = true
            if graph.node(slot)?.facts.isOnline == false { notes.append("\(names(slot)) is offline") }
        case .address(let address):
            find(address, from: source)
        }
    }

    /// Looks for the router of `address`: the one that `source` is told of, or else any.
    private mutating func find(_ address: IPAddress, from source: NodeSlot?) {
        let routers = routers(of: address)
        if let source, let own = routers.first(where: { $0.slot == source }) {
            gate = source
            isOpen = true
            notes.append("\(names(source)) serves \(own.route) itself, so that nothing of the policy stands between")
            return
        }
        let used = routers.first {
            source == nil ? graph.routes.primary(of: $0.route) ?? $0.slot == $0.slot : isTold(source, of: $0)
        }
        gate = used?.slot ?? routers.first?.slot
        isOpen = used != nil
        note(address, used, routers, source)
    }

    private typealias Router = (slot: NodeSlot, route: IPPrefix)

    /// The nodes that serve a route with `address`, narrow routes first, primaries before others.
    private func routers(of address: IPAddress) -> [Router] {
        var result: [Router] = []
        for route in graph.routes.subnets.filter({ $0.contains(address) }).sorted(by: { $0.length > $1.length }) {
            let primary = graph.routes.primary(of: route)
            let servers = graph.routes.servers(of: route)
            result += (servers.filter { $0 == primary } + servers.filter { $0 != primary }).map { ($0, route) }
        }
        guard KnownRanges.internet.contains(where: { $0.contains(address) }),
            let everything = IPPrefix(text: address.family == .v4 ? "0.0.0.0/0" : "::/0")
        else { return result }
        return result + graph.routes.exitNodes.map { ($0, everything) }
    }

    private func isTold(_ source: NodeSlot?, of router: Router) -> Bool {
        guard let source else { return false }
        return graph.access(of: source, to: router.slot).allowedIPs.contains(router.route)
    }

    // MARK: - In words

    private mutating func note(_ address: IPAddress, _ used: Router?, _ routers: [Router], _ source: NodeSlot?) {
        if let used {
            notes.append(
                used.route.isDefaultRoute
                    ? "\(names(used.slot)) is an exit node; \(address) is reached through it if it is chosen as one"
                    : "\(address) is behind \(names(used.slot)), which serves \(used.route)"
            )
            if graph.node(used.slot)?.facts.isOnline == false { notes.append("\(names(used.slot)) is offline") }
        } else if let first = routers.first, let source {
            notes.append("\(names(first.slot)) serves \(first.route), but \(names(source)) is not told of that")
        } else {
            notes.append("no node serves a route with \(address)")
        }
        for slot in graph.everyone { noteUnapproved(slot, address) }
    }

    /// Says of a node that offers a route with `address`, in vain.
    private mutating func noteUnapproved(_ slot: NodeSlot, _ address: IPAddress) {
        guard let node = graph.node(slot), notes.count < Self.notesMax else { return }
        for route in node.facts.advertisedRoutes where route.contains(address) {
            let isInForce = route.isDefaultRoute ? node.reach.isExitNode : node.reach.subnets.contains(route)
            guard !isInForce else { continue }
            notes.append(
                "\(names(slot)) offers \(route), which is not approved; 'nodes approve-routes' or autoApprovers do that"
            )
        }
    }

    /// More would only be repetition.
    private static let notesMax = 10
}
