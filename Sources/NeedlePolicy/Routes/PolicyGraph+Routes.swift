// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

extension PolicyGraph {
    /// The two prefixes of an exit node.
    static let exitRoutes = ["0.0.0.0/0", "::/0"].compactMap { IPPrefix(text: $0) }

    /// What the node at `slot` is told of its own routes.
    package func ownAccess(of slot: NodeSlot) -> PeerAccess {
        guard let node = node(slot) else { return PeerAccess() }
        var access = PeerAccess(allowedIPs: node.reach.addresses.map(IPPrefix.init(single:)) + node.reach.subnets)
        if node.reach.isExitNode { access.allowedIPs += Self.exitRoutes }
        access.primaryRoutes = node.reach.subnets.filter { routes.primary(of: $0) == slot }
        return access
    }

    /// What `viewer` is told of its peer at `slot`.
    package func access(of viewer: NodeSlot, to slot: NodeSlot) -> PeerAccess {
        guard let viewerNode = node(viewer), let peer = node(slot) else { return PeerAccess() }
        var access = PeerAccess(allowedIPs: peer.reach.addresses.map(IPPrefix.init(single:)))
        let kind = nodeClass(viewerNode)
        for route in peer.reach.subnets where router(of: route, for: viewerNode, kind) == slot {
            access.allowedIPs.append(route)
            access.primaryRoutes.append(route)
        }
        if peer.reach.isExitNode, mayExit(kind.routes, through: peer) {
            access.allowedIPs += Self.exitRoutes
            access.capMap["suggest-exit-node"] = []
        }
        return access
    }

    /// Which node `viewer` is to use for `route`; nothing if it has no use for it.
    ///
    /// A rule that lets the viewer reach the route leads to the primary, a rule with `via` to the oldest router with
    /// the tag. Whoever is reached from the route, or serves it too, has to know the primary.
    func router(of route: IPPrefix, for viewer: Node, _ kind: NodeClass) -> NodeSlot? {
        let ends = routes.ends(of: route)
        if kind.routes.mayReach(ends) { return routes.primary(of: route) }
        let vias = kind.routes.vias.filter { via in via.base.ranges?.contains { $0.overlaps(route) } ?? false }
        if !vias.isEmpty {
            let chosen = vias.compactMap { oldest(of: routes.servers(of: route), tags: $0.tags) }
            return RouteTable.first(of: chosen, rank: rank) { _ in true }
        }
        if kind.routes.mayBeReached(from: ends) || viewer.reach.subnets.contains(route) {
            return routes.primary(of: route)
        }
        return nil
    }

    /// The oldest node of `servers` with one of `tags`; one that is online, if any is.
    private func oldest(of servers: NodeSet, tags: [String]) -> NodeSlot? {
        let tagged = servers.filter { node($0)?.facts.tags.contains(where: tags.contains) ?? false }
        return RouteTable.first(of: tagged, rank: rank) { $0.isOnline }
            ?? RouteTable.first(of: tagged, rank: rank) { _ in true }
    }

    private func mayExit(_ access: RouteAccess, through peer: Node) -> Bool {
        access.reachesAll || access.reachesInternet
            || access.vias.contains { $0.base == .internet && peer.facts.tags.contains(where: $0.tags.contains) }
    }
}
