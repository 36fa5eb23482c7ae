// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

extension GraphComparison {
    /// Attributes that nodes are given, before or after but not both.
    func attributeChanges() -> GatheredNodes {
        var gathered: GatheredNodes = [:]
        for kind in classes {
            let before = attributes(of: kind.first, old)
            let after = attributes(of: kind.first, new)
            gather(before, after, kind.nodes, &gathered)
        }
        return gathered
    }

    private func attributes(of slot: NodeSlot, _ graph: PolicyGraph) -> Set<String> {
        guard let node = graph.node(slot) else { return [] }
        return Set(graph.nodeClass(node).attributes.map { Self.text($0.key, $0.value) })
    }

    /// Routes that are in force, before or after but not both.
    func routeChanges() -> GatheredNodes {
        var gathered: GatheredNodes = [:]
        for kind in classes {
            gather(routes(of: kind.first, old), routes(of: kind.first, new), kind.nodes, &gathered)
        }
        return gathered
    }

    private func routes(of slot: NodeSlot, _ graph: PolicyGraph) -> Set<String> {
        guard let reach = graph.node(slot)?.reach else { return [] }
        return Set(reach.subnets.map(\.description) + (reach.isExitNode ? ["exit node"] : []))
    }

    private func gather(_ before: Set<String>, _ after: Set<String>, _ nodes: NodeSet, _ gathered: inout GatheredNodes)
    {
        for (isGained, what) in [(true, after.subtracting(before)), (false, before.subtracting(after))]
        where !what.isEmpty {
            gathered[NodeChangeKey(isGained: isGained, what: what.sorted()), default: NodeSet()].formUnion(nodes)
        }
    }

    // MARK: - Routers

    /// Routes that viewers reach both before and after, but through different nodes.
    func routerChanges() -> PolicyDifference.Changes<PolicyDifference.RouterChange> {
        struct Key: Hashable {
            let route: IPPrefix
            let old: NodeSlot
            let new: NodeSlot
        }
        let usesVia = [old, new].contains { graph in
            graph.compiled.table.selectors.contains { if case .via = $0 { true } else { false } }
        }
        var gathered: [Key: NodeSet] = [:]
        for route in Set(old.routes.subnets).intersection(new.routes.subnets)
        where usesVia || old.routes.primary(of: route) != new.routes.primary(of: route) {
            for kind in classes {
                guard let before = router(of: route, for: kind.first, old),
                    let after = router(of: route, for: kind.first, new),
                    before != after
                else { continue }
                gathered[Key(route: route, old: before, new: after), default: NodeSet()].formUnion(kind.nodes)
            }
        }
        let sorted = gathered.sorted {
            ($0.key.route, $0.key.old.index, $0.key.new.index) < ($1.key.route, $1.key.old.index, $1.key.new.index)
        }
        return PolicyDifference.Changes(
            changes: sorted.prefix(PolicyDifference.Changes<PolicyDifference.RouterChange>.changesMax).map {
                key,
                viewers in
                PolicyDifference.RouterChange(
                    viewers: naming.party(viewers),
                    route: key.route.description,
                    old: names(key.old),
                    new: names(key.new)
                )
            },
            total: gathered.count
        )
    }

    private func router(of route: IPPrefix, for slot: NodeSlot, _ graph: PolicyGraph) -> NodeSlot? {
        guard let viewer = graph.node(slot) else { return nil }
        return graph.router(of: route, for: viewer, graph.nodeClass(viewer))
    }
}
