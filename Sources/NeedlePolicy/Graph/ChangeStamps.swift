// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// When each part of a graph last changed, counted in changes, so that nobody has to look at what is as it was.
struct ChangeStamps: Sendable {
    private(set) var now: UInt64 = 0
    private(set) var nodes = PagedArray<UInt64>(repeating: 0, count: 0)
    /// By selector, when a node in it changed, and when a node at the other ends of its edges did.
    private(set) var members: PagedArray<UInt64>
    private(set) var ends: PagedArray<UInt64>
    private(set) var owners: [UserID: UInt64] = [:]
    /// When the subnets in force, and when routers and primaries changed.
    private(set) var subnets: UInt64 = 0
    private(set) var routes: UInt64 = 0

    init(selectors: Int) {
        members = PagedArray(repeating: 0, count: selectors)
        ends = members
    }

    /// Begins a change of the node at `slot`.
    mutating func begin(_ slot: NodeSlot) {
        now += 1
        let stamp = now
        nodes.grow(to: slot.index + 1, with: 0)
        nodes.update(slot.index) { $0 = stamp }
    }

    /// A node came to or left `kind`.
    mutating func touch(_ kind: NodeClass) {
        let stamp = now
        for id in kind.selectors { members.update(Int(id)) { $0 = stamp } }
        for id in kind.reachedFrom { ends.update(Int(id)) { $0 = stamp } }
        for id in kind.reaches { ends.update(Int(id)) { $0 = stamp } }
    }

    mutating func touch(owner facts: NodeFacts) {
        if !facts.isTagged, let user = facts.user { owners[user.id] = now }
    }

    mutating func touchSubnets() {
        subnets = now
        routes = now
    }

    mutating func touchRoutes() { routes = now }
}

extension PolicyGraph {
    /// Grows when the peers of the node at `slot` may have changed; while it is the same, they are the same.
    ///
    /// - Complexity: O(selectors of the node).
    package func peersStamp(of slot: NodeSlot) -> UInt64 {
        guard let node = node(slot) else { return stamps.now }
        return stamp(of: node, slot, nodeClass(node).selectors, in: stamps.ends)
    }

    /// Grows when the packet filter of the node at `slot` may have changed.
    ///
    /// - Complexity: O(selectors that may reach the node).
    package func filterStamp(of slot: NodeSlot) -> UInt64 {
        guard let node = node(slot) else { return stamps.now }
        let sources = stamp(of: node, slot, nodeClass(node).filterSources, in: stamps.members)
        return max(sources, stamps.subnets)
    }

    /// Grows when any router, exit node or primary changed, and with them what viewers are told of routes.
    package var routesStamp: UInt64 { stamps.routes }

    private func stamp(
        of node: Node,
        _ slot: NodeSlot,
        _ selectors: [SelectorID],
        in stamps: PagedArray<UInt64>
    ) -> UInt64 {
        var result = self.stamps.nodes[slot.index]
        for id in selectors { result = max(result, stamps[Int(id)]) }
        guard !compiled.selfEdges.isEmpty, !node.facts.isTagged, let user = node.facts.user else { return result }
        return max(result, self.stamps.owners[user.id] ?? 0)
    }
}
