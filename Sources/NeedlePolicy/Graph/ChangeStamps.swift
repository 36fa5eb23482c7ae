// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// When each part of a graph last changed, counted in changes, so that nobody has to look at what is as it was.
struct ChangeStamps: Sendable {
    private(set) var now: UInt64
    /// No stamp is lower, so that those of a graph never look like those of the one that it replaces; the same for all
    /// snapshots of a graph.
    let first: UInt64
    private var nodes = PagedArray<UInt64>()
    /// By class, when a node that its nodes may see changed, and when a node in their packet filters did.
    private var peers: [UInt64] = []
    private var filters: [UInt64] = []
    private var owners = ShardedDictionary<UserID, UInt64>()
    /// When the subnets in force, and when routers and primaries changed.
    private(set) var subnets: UInt64
    private(set) var routes: UInt64

    /// Stamps above all of `other`.
    init(after other: ChangeStamps? = nil) {
        first = other.map { $0.now + 1 } ?? 0
        now = first
        subnets = first
        routes = first
    }

    /// Begins a change of the node at `slot`.
    mutating func begin(_ slot: NodeSlot) {
        now += 1
        let stamp = now
        nodes.grow(to: slot.index + 1, with: first)
        nodes.update(slot.index) { $0 = stamp }
    }

    /// A node came to or left a class with these `links`.
    mutating func touch(_ links: ClassTable.Links) {
        Self.touch(&peers, links.peers, now, first)
        Self.touch(&filters, links.fed, now, first)
    }

    private static func touch(_ stamps: inout [UInt64], _ classes: DenseSet, _ now: UInt64, _ first: UInt64) {
        let count = classes.words.count * 64
        if stamps.count < count {
            stamps.append(contentsOf: repeatElement(first, count: count - stamps.count))
        }
        stamps.withUnsafeMutableBufferPointer { stamps in
            for id in classes { stamps[id] = now }
        }
    }

    mutating func touch(owner facts: NodeFacts) {
        if !facts.isTagged, let user = facts.user { owners[user.id] = now }
    }

    mutating func touchSubnets() {
        subnets = now
        routes = now
    }

    mutating func touchRoutes() { routes = now }

    func node(_ slot: NodeSlot) -> UInt64 { slot.index < nodes.count ? nodes[slot.index] : first }

    func peers(of id: Int) -> UInt64 { id < peers.count ? peers[id] : first }

    func filter(of id: Int) -> UInt64 { id < filters.count ? filters[id] : first }

    func owner(_ user: UserID) -> UInt64 { owners[user] ?? first }
}

extension PolicyGraph {
    /// Grows when the peers of the node at `slot` may have changed; while it is the same, they are the same.
    package func peersStamp(of slot: NodeSlot) -> UInt64 {
        guard let node = node(slot) else { return stamps.now }
        return max(stamps.peers(of: node.classID), ownStamp(of: node, slot))
    }

    /// Grows when the packet filter of the node at `slot` may have changed.
    package func filterStamp(of slot: NodeSlot) -> UInt64 {
        guard let node = node(slot) else { return stamps.now }
        let stamp = max(stamps.filter(of: node.classID), ownStamp(of: node, slot))
        return nodeClass(node).readsSubnets ? max(stamp, stamps.subnets) : stamp
    }

    /// Grows when what the node at `slot` is told of itself may have changed: itself, its owner's role, or its routes.
    package func ownStamp(of slot: NodeSlot) -> UInt64 { max(stamps.node(slot), stamps.routes) }

    /// Grows when any router, exit node or primary changed, and with them what viewers are told of routes.
    package var routesStamp: UInt64 { stamps.routes }

    private func ownStamp(of node: Node, _ slot: NodeSlot) -> UInt64 {
        let stamp = stamps.node(slot)
        guard !compiled.selfEdges.isEmpty, !node.facts.isTagged, let user = node.facts.user else { return stamp }
        return max(stamp, stamps.owner(user.id))
    }
}
