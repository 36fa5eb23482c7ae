// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// Compares two graphs of the same nodes, destination by destination, and puts equal changes together.
struct GraphComparison {
    /// What is done by the same sources in the same way, and therefore stands in one line.
    struct ChangeKey: Hashable {
        let isGained: Bool
        let sources: AccessSources
        let what: [String]
        var exceptOwnDevices = false
    }

    typealias Gathered = [ChangeKey: AccessSources]

    let old: PolicyGraph
    let new: PolicyGraph
    let names: (NodeSlot) -> String
    let naming: PartyNaming
    let classes: [JointClass]
    /// By list of sources, their number in ``sources``.
    let oldLists: [Int]
    let newLists: [Int]
    private(set) var sources = Interned<AccessSources>()

    init(_ old: PolicyGraph, _ new: PolicyGraph, names: @escaping (NodeSlot) -> String) {
        self.old = old
        self.new = new
        self.names = names
        naming = PartyNaming(old, new, names: names)
        classes = JointClass.all(old, new)
        var sources = Interned<AccessSources>()
        oldLists = old.accessSources().map { sources.id(of: $0) }
        newLists = new.accessSources().map { sources.id(of: $0) }
        self.sources = sources
    }

    mutating func difference() -> PolicyDifference {
        PolicyDifference(
            access: changes(accessChanges()),
            logins: changes(loginChanges()),
            capabilities: changes(capabilityChanges()),
            attributes: nodeChanges(attributeChanges()),
            routes: nodeChanges(routeChanges()),
            routers: routerChanges(),
            nodes: old.everyone.union(new.everyone).count
        )
    }

    // MARK: - From what was gathered to what is told

    /// Puts together what the same sources may do at several destinations, and the other way round.
    private func changes(_ gathered: Gathered) -> PolicyDifference.Changes<PolicyDifference.Change> {
        let told = gathered.filter { !Self.isAboutItself($0.key.sources, $0.value) }
        let weighed = told.map { key, destinations in
            (key, destinations, weight: max(1, key.sources.nodes.count) * max(1, destinations.nodes.count))
        }
        let sorted = weighed.sorted { left, right in
            if left.weight != right.weight { return left.weight > right.weight }
            return Self.order(left.0, left.1).lexicographicallyPrecedes(Self.order(right.0, right.1))
        }
        return PolicyDifference.Changes(
            changes: sorted.prefix(PolicyDifference.Changes<PolicyDifference.Change>.changesMax).map { key, to, _ in
                PolicyDifference.Change(
                    isGained: key.isGained,
                    from: naming.party(key.sources),
                    to: naming.party(to),
                    what: key.what,
                    exceptOwnDevices: key.exceptOwnDevices
                )
            },
            total: told.count
        )
    }

    /// A single node that gains access to itself gains nothing.
    private static func isAboutItself(_ sources: AccessSources, _ destinations: AccessSources) -> Bool {
        sources.places.isEmpty && destinations.places.isEmpty && sources.nodes.count == 1
            && sources.nodes == destinations.nodes
    }

    /// So that equal questions have equal answers.
    private static func order(_ key: ChangeKey, _ destinations: AccessSources) -> [String] {
        let slots = [key.sources.nodes.first { _ in true }, destinations.nodes.first { _ in true }]
        let numbers = slots.map { String(1_000_000_000 + ($0?.index ?? -1)) }
        return key.what + numbers + [key.isGained ? "0" : "1"] + destinations.places.sorted()
            + key.sources.places.sorted()
    }

    /// What nodes gain and lose, by what it is.
    typealias GatheredNodes = [NodeChangeKey: NodeSet]

    struct NodeChangeKey: Hashable {
        let isGained: Bool
        let what: [String]
    }

    private func nodeChanges(_ gathered: GatheredNodes) -> PolicyDifference.Changes<PolicyDifference.NodeChange> {
        let sorted = gathered.map { ($0, $1, $1.count) }.sorted { left, right in
            if left.2 != right.2 { return left.2 > right.2 }
            let first = left.0.what + [left.0.isGained ? "0" : "1"]
            return first.lexicographicallyPrecedes(right.0.what + [right.0.isGained ? "0" : "1"])
        }
        return PolicyDifference.Changes(
            changes: sorted.prefix(PolicyDifference.Changes<PolicyDifference.NodeChange>.changesMax).map {
                key,
                nodes,
                _ in
                PolicyDifference.NodeChange(isGained: key.isGained, nodes: naming.party(nodes), what: key.what)
            },
            total: gathered.count
        )
    }
}
