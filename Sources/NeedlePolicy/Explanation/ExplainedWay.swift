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
        let routers = routers(of: address, for: source)
        let used = routers.first { router in
            guard let source else { return graph.routes.primary(of: router.route) ?? router.slot == router.slot }
            return router.slot == source || isTold(source, of: router)
        }
        gate = used?.slot ?? routers.first?.slot
        isOpen = used != nil
        note(address, used, routers, source)
    }

    private typealias Router = (slot: NodeSlot, route: IPPrefix)

    /// The nodes that serve a route with `address`, narrow routes first; the source itself comes before
    /// the primary, and that before others.
    private func routers(of address: IPAddress, for source: NodeSlot?) -> [Router] {
        var result: [Router] = []
        for route in graph.routes.subnets.filter({ $0.contains(address) }).sorted(by: { $0.length > $1.length }) {
            let best = [source, graph.routes.primary(of: route)]
            let servers = graph.routes.servers(of: route)
            let ranked = servers.filter { $0 == best[0] } + servers.filter { $0 == best[1] && $0 != best[0] }
            result += (ranked + servers.filter { !best.contains($0) }).map { ($0, route) }
        }
        guard KnownRanges.internet.contains(where: { $0.contains(address) }),
            let everything = IPPrefix(text: address.family == .v4 ? "0.0.0.0/0" : "::/0")
        else { return result }
        let exits = graph.routes.exitNodes
        return result + (exits.filter { $0 == source } + exits.filter { $0 != source }).map { ($0, everything) }
    }

    private func isTold(_ source: NodeSlot, of router: Router) -> Bool {
        graph.access(of: source, to: router.slot).allowedIPs.contains(router.route)
    }

    // MARK: - In words

    private mutating func note(_ address: IPAddress, _ used: Router?, _ routers: [Router], _ source: NodeSlot?) {
        if let used, used.slot == source {
            notes.append("\(names(used.slot)) serves \(used.route) itself, so that no rule stands between")
        } else if let used {
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
