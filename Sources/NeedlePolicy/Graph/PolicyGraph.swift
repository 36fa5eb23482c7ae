// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A policy and the nodes that it applies to: who sees whom, what each node's packet filter holds, and so on.
///
/// For each selector the graph keeps the nodes in it, the nodes that its edges lead to, and the nodes that edges lead
/// here from. A node that joins, leaves or changes touches the selectors under its old and new facts and the other ends
/// of their edges, never other nodes and never rules that do not concern it. Answers are unions of these sets.
package struct PolicyGraph: Sendable {
    /// What is kept for each node.
    struct Node: Sendable {
        let facts: NodeFacts
        let reach: NodeReach
        let classID: Int
        /// The addresses in force, as text.
        let addresses: [String]
        /// Changes with the addresses in force; part of the content hash of everything that the node is in.
        let hash: UInt64
    }

    /// The policy in force.
    package let policy: Policy
    /// What is known of the tailnet.
    package let tailnet: TailnetFacts
    private(set) var nodes = PagedArray<Node?>(repeating: nil, count: 0)
    private(set) var classes = ClassTable()
    /// By selector, the nodes in it.
    private(set) var members: PagedArray<NodeSet>
    /// By selector, the nodes that its edges lead to, and those that edges lead here from.
    private(set) var reaches: PagedArray<NodeSet>
    private(set) var reachedFrom: PagedArray<NodeSet>
    /// By selector, a sum over its nodes that tells whether it changed.
    private(set) var hashes: PagedArray<UInt64>
    private(set) var routes = RouteTable()
    /// The untagged nodes of each user.
    private(set) var ownNodes: [UserID: NodeSet] = [:]
    /// The nodes that are a source of an edge to `autogroup:self`.
    private(set) var selfSources = NodeSet()
    private(set) var everyone = NodeSet()
    private(set) var stamps: ChangeStamps

    /// A graph of `policy` with `nodes`, of which the oldest are primary for their routes.
    package init(policy: Policy, tailnet: TailnetFacts = TailnetFacts(), nodes: some Sequence<NodeFacts> = []) {
        self.init(policy: policy, tailnet: tailnet, nodes: nodes, routes: RouteTable())
    }

    /// The same nodes under another policy; whoever is primary for a route stays so if that is still in force.
    package init(policy: Policy, tailnet: TailnetFacts, replacing old: PolicyGraph) {
        let facts = old.nodes.compactMap { $0?.facts }
        self.init(policy: policy, tailnet: tailnet, nodes: facts, routes: old.routes.withoutServers)
    }

    private init(policy: Policy, tailnet: TailnetFacts, nodes: some Sequence<NodeFacts>, routes: RouteTable) {
        self.routes = routes
        self.policy = policy
        self.tailnet = tailnet
        let count = policy.compiled.table.count
        members = PagedArray(repeating: NodeSet(), count: count)
        reaches = members
        reachedFrom = members
        hashes = PagedArray(repeating: 0, count: count)
        stamps = ChangeStamps(selectors: count)
        for facts in nodes { replace(facts.slot, with: node(from: facts)) }
        elect(self.routes.subnets)
    }

    var compiled: CompiledPolicy { policy.compiled }

    func node(_ slot: NodeSlot) -> Node? {
        slot.index < nodes.count ? nodes[slot.index] : nil
    }

    func nodeClass(_ node: Node) -> NodeClass { classes[node.classID] }

    // MARK: - Changes

    /// Takes note of a new node, or of new facts about one.
    ///
    /// - Returns: the nodes that serve the routes that this one serves or served: viewers may be told otherwise of them.
    /// - Complexity: what the old and new facts touch; independent of rules that do not concern the node.
    @discardableResult
    package mutating func update(_ facts: NodeFacts) -> NodeSet {
        let changed = replace(facts.slot, with: node(from: facts))
        elect(changed)
        return servers(of: changed)
    }

    private func servers(of changed: [IPPrefix]) -> NodeSet {
        changed.reduce(into: NodeSet()) { $0.formUnion(routes.servers(of: $1)) }
    }

    private mutating func node(from facts: NodeFacts) -> Node {
        var selectors = compiled.table.identities(of: facts)
        let reach = reach(of: facts, selectors)
        compiled.table.complete(&selectors, facts: facts, reach: reach)
        let classID = classes.id(of: selectors.sorted(), in: compiled)
        return Node(
            facts: facts,
            reach: reach,
            classID: classID,
            addresses: reach.addresses.map(\.description),
            hash: ContentHash.of(reach.addresses)
        )
    }

    /// Takes note that the node at `slot` is gone.
    ///
    /// - Returns: the nodes that still serve its routes.
    @discardableResult
    package mutating func remove(_ slot: NodeSlot) -> NodeSet {
        guard node(slot) != nil else { return NodeSet() }
        let changed = replace(slot, with: nil)
        elect(changed)
        return servers(of: changed)
    }

    /// Puts `new` in the place of what is known of `slot`.
    ///
    /// - Returns: the routes that may need another primary.
    @discardableResult
    private mutating func replace(_ slot: NodeSlot, with new: Node?) -> [IPPrefix] {
        nodes.grow(to: slot.index + 1, with: nil)
        let old = nodes[slot.index]
        nodes.update(slot.index) { $0 = new }
        stamps.begin(slot)
        if let old, let new, old.classID == new.classID, old.hash == new.hash {
            moveOwner(slot, from: old, to: new)
            if old.facts.user?.id != new.facts.user?.id {
                stamps.touch(owner: old.facts)
                stamps.touch(owner: new.facts)
            }
        } else {
            if let old { unlink(slot, old) }
            if let new { link(slot, new) }
        }
        return moveRoutes(slot, from: old, to: new)
    }

    private mutating func unlink(_ slot: NodeSlot, _ node: Node) {
        let kind = nodeClass(node)
        for id in kind.selectors {
            members.update(Int(id)) { $0.remove(slot) }
            hashes.update(Int(id)) { $0 &-= node.hash }
        }
        for id in kind.reachedFrom { reaches.update(Int(id)) { $0.remove(slot) } }
        for id in kind.reaches { reachedFrom.update(Int(id)) { $0.remove(slot) } }
        stamps.touch(kind)
        selfSources.remove(slot)
        everyone.remove(slot)
        moveOwner(slot, from: node, to: nil)
        stamps.touch(owner: node.facts)
    }

    private mutating func link(_ slot: NodeSlot, _ node: Node) {
        let kind = nodeClass(node)
        for id in kind.selectors {
            members.update(Int(id)) { $0.insert(slot) }
            hashes.update(Int(id)) { $0 &+= node.hash }
        }
        for id in kind.reachedFrom { reaches.update(Int(id)) { $0.insert(slot) } }
        for id in kind.reaches { reachedFrom.update(Int(id)) { $0.insert(slot) } }
        stamps.touch(kind)
        if kind.isSelfSource { selfSources.insert(slot) }
        everyone.insert(slot)
        moveOwner(slot, from: nil, to: node)
        stamps.touch(owner: node.facts)
    }

    private mutating func moveOwner(_ slot: NodeSlot, from old: Node?, to new: Node?) {
        let before = old?.facts.isTagged ?? true ? nil : old?.facts.user?.id
        let after = new?.facts.isTagged ?? true ? nil : new?.facts.user?.id
        guard before != after else { return }
        if let before {
            ownNodes[before]?.remove(slot)
            if ownNodes[before]?.isEmpty ?? false { ownNodes[before] = nil }
        }
        if let after { ownNodes[after, default: NodeSet()].insert(slot) }
    }

    private mutating func moveRoutes(_ slot: NodeSlot, from old: Node?, to new: Node?) -> [IPPrefix] {
        let before = Set(old?.reach.subnets ?? [])
        let after = Set(new?.reach.subnets ?? [])
        for route in before.subtracting(after) { routes.set(route, false, by: slot) }
        for route in after.subtracting(before) { routes.set(route, true, by: slot) }
        if old?.reach.isExitNode ?? false != new?.reach.isExitNode ?? false {
            routes.setExitNode(slot, new?.reach.isExitNode ?? false)
            stamps.touchRoutes()
        }
        if before != after { stamps.touchSubnets() }
        return Array(before.union(after))
    }

    private mutating func elect(_ changed: [IPPrefix]) {
        let nodes = nodes
        for route in changed {
            let before = routes.primary(of: route)
            routes.elect(route) { Self.rank(of: $0, in: nodes) }
            if routes.primary(of: route) != before { stamps.touchRoutes() }
        }
    }

    private static func rank(of slot: NodeSlot, in nodes: PagedArray<Node?>) -> RouterRank? {
        guard slot.index < nodes.count, let facts = nodes[slot.index]?.facts else { return nil }
        return RouterRank(isOnline: facts.isOnline, created: facts.created, id: facts.id)
    }

    func rank(of slot: NodeSlot) -> RouterRank? { Self.rank(of: slot, in: nodes) }

    // MARK: - What of a node is in force

    private func reach(of facts: NodeFacts, _ identities: Set<SelectorID>) -> NodeReach {
        let isIPv4Off =
            compiled.disablesIPv4
            || compiled.nodeAttributes.contains { entry in
                entry.attributes.contains { $0.name == "disable-ipv4" }
                    && entry.targets.contains(where: identities.contains)
            }
        let approved = routesToApprove(facts, identities).union(facts.approvedRoutes)
        let inForce = Set(facts.advertisedRoutes).intersection(approved)
        return NodeReach(
            addresses: facts.addresses.filter { !isIPv4Off || $0.family == .v6 },
            subnets: inForce.filter { !$0.isDefaultRoute }.sorted(),
            isExitNode: inForce.contains { $0.isDefaultRoute }
        )
    }

    private func routesToApprove(_ facts: NodeFacts, _ identities: Set<SelectorID>) -> Set<IPPrefix> {
        guard !facts.advertisedRoutes.isEmpty else { return [] }
        var approved: Set<IPPrefix> = []
        for route in facts.advertisedRoutes {
            let isApproved =
                route.isDefaultRoute
                ? compiled.exitNodeApprovers.contains(where: identities.contains)
                : compiled.routeApprovers.contains { entry in
                    entry.prefix.contains(route) && entry.approvers.contains(where: identities.contains)
                }
            if isApproved { approved.insert(route) }
        }
        return approved
    }

    /// The advertised routes that the policy approves by itself.
    package func routesToApprove(_ facts: NodeFacts) -> [IPPrefix] {
        routesToApprove(facts, compiled.table.identities(of: facts)).sorted()
    }
}
