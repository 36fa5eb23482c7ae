// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// A policy and the nodes that it applies to: who sees whom, what each node's packet filter holds, and so on.
///
/// For each selector the graph keeps the nodes in it, and for each class of nodes whom these may see. A node that joins,
/// leaves or changes touches the selectors under its old and new facts and one bit of each class at the other ends of
/// their edges, never other nodes and never rules that do not concern it.
package struct PolicyGraph: Sendable {
    /// What is kept for each node.
    final class Node: Sendable {
        let facts: NodeFacts
        let reach: NodeReach
        let classID: Int
        /// The addresses in force, as text.
        let addresses: [String]
        /// The same as elements of a JSON list: most of what packet filters are made of.
        let addressesJSON: [UInt8]
        /// Changes with the addresses in force; part of the content hash of everything that the node is in.
        let hash: UInt64

        /// A node whose addresses were written before, by `known`, need not have them written again.
        init(_ facts: NodeFacts, _ reach: NodeReach, classID: Int, known: Node?) {
            self.facts = facts
            self.reach = reach
            self.classID = classID
            if let known, known.reach.addresses == reach.addresses {
                addresses = known.addresses
                addressesJSON = known.addressesJSON
                hash = known.hash
            } else {
                addresses = reach.addresses.map(\.description)
                var json: [UInt8] = []
                json.reserveCapacity(64)
                for address in addresses {
                    if !json.isEmpty { json.append(UInt8(ascii: ",")) }
                    json.append(UInt8(ascii: "\""))
                    json.append(contentsOf: address.utf8)
                    json.append(UInt8(ascii: "\""))
                }
                addressesJSON = json
                hash = ContentHash.of(reach.addresses)
            }
        }
    }

    /// The policy in force.
    package let policy: Policy
    /// What is known of the tailnet.
    package let tailnet: TailnetFacts
    private(set) var nodes = PagedArray<Node?>()
    private(set) var classes: ClassTable
    /// By selector, the nodes in it.
    private(set) var members: PagedArray<NodeSet>
    private(set) var selectorStates: PagedArray<SelectorState>
    /// By selector, of those with many nodes.
    private var memberBands: PagedArray<MemberBands>
    let bandLayout: SourceBandLayout
    /// Whom each class may see by rules that are not about a user's own nodes.
    private(set) var peerTable = PeerTable()
    private(set) var routes = RouteTable()
    /// The untagged nodes of each user.
    private(set) var ownNodes = OwnerIndex()
    /// The nodes that are a source of an edge to `autogroup:self`.
    private(set) var selfSources = NodeSet()
    private(set) var everyone = NodeSet()
    private(set) var stamps: ChangeStamps

    /// A graph of `policy` with `nodes`, of which the oldest are primary for their routes.
    package init(
        policy: Policy,
        tailnet: TailnetFacts = TailnetFacts(),
        nodes: some Sequence<NodeFacts> = [],
        bandLayout: SourceBandLayout = .usual
    ) {
        self.init(policy, tailnet, RouteTable(), ChangeStamps(), bandLayout)
        fill(nodes.lazy.map { ($0, nil) })
    }

    /// The same nodes under another policy; whoever is primary for a route stays so if that is still in force.
    ///
    /// All stamps are above those of `old`. Names and versions of chunks follow from what is in them, so they are the
    /// same as in `old` wherever the filters are.
    package init(policy: Policy, tailnet: TailnetFacts, replacing old: PolicyGraph) {
        self.init(policy, tailnet, old.routes.withoutServers, ChangeStamps(after: old.stamps), old.bandLayout)
        fill(old.nodes.lazy.compactMap { $0 }.map { ($0.facts, $0) })
    }

    private init(
        _ policy: Policy,
        _ tailnet: TailnetFacts,
        _ routes: RouteTable,
        _ stamps: ChangeStamps,
        _ bandLayout: SourceBandLayout
    ) {
        self.policy = policy
        self.bandLayout = bandLayout
        self.tailnet = tailnet
        self.routes = routes
        self.stamps = stamps
        let count = policy.compiled.table.count
        classes = ClassTable(selectors: count)
        members = PagedArray(repeating: NodeSet(), count: count)
        selectorStates = PagedArray(repeating: SelectorState(changed: stamps.now), count: count)
        memberBands = PagedArray(repeating: MemberBands(), count: count)
    }

    var compiled: CompiledPolicy { policy.compiled }

    func node(_ slot: NodeSlot) -> Node? {
        slot.index < nodes.count ? nodes[slot.index] : nil
    }

    func nodeClass(_ node: Node) -> NodeClass { classes[node.classID] }

    // MARK: - Many nodes at once

    /// Takes in nodes, class by class: what nodes of one class have in common is done once.
    private mutating func fill(_ facts: some Sequence<(NodeFacts, Node?)>) {
        var classifier = NodeClassifier(remembers: true)
        var batch = ClassBatch()
        var again: [NodeFacts] = []
        for (facts, known) in facts {
            guard node(facts.slot) == nil else {
                again.append(facts)
                continue
            }
            let node = classifier.node(facts, known, compiled, &classes)
            nodes.grow(to: facts.slot.index + 1, with: nil)
            nodes.update(facts.slot.index) { $0 = node }
            batch.add(node)
            moveOwner(facts.slot, from: nil, to: node)
            _ = moveRoutes(facts.slot, from: nil, to: node)
        }
        take(batch)
        elect(routes.subnets)
        for facts in again { update(facts) }
    }

    private mutating func take(_ batch: ClassBatch) {
        classes.linkAll()
        for (id, group) in batch.groups.enumerated() {
            let kind = classes[id]
            for selector in kind.selectors {
                members.update(Int(selector)) { $0.formUnion(group.nodes) }
                selectorStates.update(Int(selector)) { $0.add(group.hash, count: group.nodes.count) }
            }
            if kind.isSelfSource { selfSources.formUnion(group.nodes) }
            everyone.formUnion(group.nodes)
            peerTable.add(group.nodes, for: classes.links(of: id).peers)
        }
        for id in 0..<members.count where selectorStates[id].sum.count >= bandLayout.summedNodesMin { sumBands(of: id) }
    }

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
        var classifier = NodeClassifier(remembers: false)
        let before = classes.count
        let node = classifier.node(facts, node(facts.slot), compiled, &classes)
        if classes.count > before { peerTable.add(node.classID, peers: currentPeers(of: node.classID)) }
        return node
    }

    /// Whom a class may see that has not been seen before, from the selectors at the other ends of its edges.
    private func currentPeers(of classID: Int) -> NodeSet {
        var result = NodeSet()
        let ends = classes[classID].ends
        for id in ends.reaches { result.formUnion(members[id]) }
        for id in ends.reachedFrom { result.formUnion(members[id]) }
        return result
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
            if let old { link(slot, old, isPresent: false) }
            if let new { link(slot, new, isPresent: true) }
            moveOwner(slot, from: old, to: new)
        }
        return moveRoutes(slot, from: old, to: new)
    }

    /// Puts the node at `slot` into the sets that it belongs to, or takes it out.
    private mutating func link(_ slot: NodeSlot, _ node: Node, isPresent: Bool) {
        let kind = nodeClass(node)
        let stamp = stamps.now
        for id in kind.selectors {
            members.update(Int(id)) { $0.set(slot, isPresent) }
            selectorStates.update(Int(id)) { $0.set(node.hash, isPresent, at: stamp) }
            updateBands(of: Int(id), slot, node.hash, isPresent)
        }
        let links = classes.links(of: node.classID)
        peerTable.set(slot, isPresent, for: links.peers)
        stamps.touch(links)
        if kind.isSelfSource { selfSources.set(slot, isPresent) }
        everyone.set(slot, isPresent)
        stamps.touch(owner: node.facts)
    }

    /// Keeps the sums by band of a selector with many nodes, to whose nodes the one at `slot` has been added or not.
    private mutating func updateBands(of id: Int, _ slot: NodeSlot, _ hash: UInt64, _ isPresent: Bool) {
        let count = Int(selectorStates[id].sum.count)
        if memberBands[id].isEmpty {
            if isPresent, count >= bandLayout.summedNodesMin { sumBands(of: id) }
        } else if count < bandLayout.summedNodesMin / 2 {
            memberBands.update(id) { $0 = MemberBands() }
        } else {
            memberBands.update(id) { $0.set(slot, hash, isPresent, bandLayout) }
        }
    }

    private mutating func sumBands(of id: Int) {
        let bands = addedBands(of: id)
        memberBands.update(id) { $0 = bands }
    }

    private func addedBands(of id: Int) -> MemberBands {
        members[id].reduce(into: MemberBands()) { bands, slot in
            bands.set(slot, node(slot)?.hash ?? 0, true, bandLayout)
        }
    }

    /// What is known of the nodes in a selector by band of slots.
    ///
    /// - Complexity: O(bands), for selectors with few nodes O(nodes).
    func bands(of id: SelectorID) -> MemberBands {
        let kept = memberBands[Int(id)]
        return kept.isEmpty ? addedBands(of: Int(id)) : kept
    }

    private mutating func moveOwner(_ slot: NodeSlot, from old: Node?, to new: Node?) {
        let before = old?.facts.isTagged ?? true ? nil : old?.facts.user?.id
        let after = new?.facts.isTagged ?? true ? nil : new?.facts.user?.id
        guard before != after else { return }
        if let before { ownNodes.remove(slot, of: before) }
        if let after { ownNodes.insert(slot, of: after) }
    }

    private mutating func moveRoutes(_ slot: NodeSlot, from old: Node?, to new: Node?) -> [IPPrefix] {
        if old?.reach.subnets.isEmpty ?? true, new?.reach.subnets.isEmpty ?? true,
            old?.reach.isExitNode ?? false == new?.reach.isExitNode ?? false
        {
            return []
        }
        let before = Set(old?.reach.subnets ?? [])
        let after = Set(new?.reach.subnets ?? [])
        for route in before.subtracting(after) { routes.set(route, false, by: slot) }
        for route in after.subtracting(before) {
            routes.set(route, true, by: slot)
            if !routes.hasEnds(of: route) {
                routes.setEnds(compiled.table.ends(overlapping: AddressRange(route)).sorted(), of: route)
            }
        }
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

    /// The advertised routes that the policy approves by itself.
    package func routesToApprove(_ facts: NodeFacts) -> [IPPrefix] {
        let identities = compiled.table.identities(of: facts)
        return compiled.routesToApprove(facts, identities.sorted()).sorted()
    }
}

extension NodeSet {
    fileprivate mutating func set(_ slot: NodeSlot, _ isPresent: Bool) {
        if isPresent { insert(slot) } else { remove(slot) }
    }
}
