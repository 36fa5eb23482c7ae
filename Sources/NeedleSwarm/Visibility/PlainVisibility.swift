// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Who must see whom in a fleet, by going through the rules one by one.
///
/// A peer is seen when a rule allows traffic in either direction. Nodes that no rule tells apart, those of one user or
/// with the same tags, are looked at once.
///
/// - Complexity: O(rules × kinds of node that a rule names × nodes / 64).
package struct PlainVisibility: Sendable {
    /// Nodes that no rule tells apart.
    private struct Kind: Hashable {
        let user: String?
        let tags: [String]
        let address: String?
    }

    /// What an alias stands for.
    private struct Meaning {
        var kinds: Set<Int> = []
        var nodes = NodeSet()
        /// Addresses that no node of the fleet has.
        var outside: Set<String> = []

        mutating func formUnion(_ other: Meaning) {
            kinds.formUnion(other.kinds)
            nodes.formUnion(other.nodes)
            outside.formUnion(other.outside)
        }
    }

    private let policy: PlainPolicy
    private let emails: [String: String]
    private var kinds: [Kind] = []
    private var nodesOfKind: [NodeSet] = []
    private var nodesOfUser: [String: NodeSet] = [:]
    /// By node.
    private var kindOfNode: [Int] = []
    /// By kind, with its own nodes if they see each other.
    private var seen: [NodeSet]
    /// By kind: a number that differs when who may come in, or where, differs.
    private var filters: [UInt64]
    private var meanings: [String: Meaning] = [:]

    /// Goes through the rules.
    ///
    /// - Throws: ``PlanError`` for an alias that planning does not know.
    package init(_ policy: PlainPolicy, _ roster: Roster) throws(PlanError) {
        self.policy = policy
        emails = roster.emails ?? [:]
        var numbers: [Kind: Int] = [:]
        for (index, node) in roster.nodes.enumerated() {
            let kind = Kind(user: node.user, tags: (node.tags ?? []).sorted(), address: node.address)
            if numbers[kind] == nil {
                numbers[kind] = kinds.count
                kinds.append(kind)
                nodesOfKind.append(NodeSet())
            }
            let number = numbers[kind] ?? 0
            kindOfNode.append(number)
            nodesOfKind[number].insert(NodeSlot(index))
            if let user = node.user { nodesOfUser[user, default: NodeSet()].insert(NodeSlot(index)) }
        }
        seen = Array(repeating: NodeSet(), count: kinds.count)
        filters = Array(repeating: 0, count: kinds.count)
        for rule in policy.rules where !rule.isVia { try apply(rule) }
        meanings = [:]
    }

    // MARK: - Answers

    /// How many of the nodes that are present each node must see; of all nodes, if nothing is said.
    package func expectedPeers(present: NodeSet? = nil) -> [Int] {
        let counts = seen.map { present.map($0.intersection)?.count ?? $0.count }
        return kindOfNode.enumerated().map { node, kind in
            let slot = NodeSlot(node)
            let hasItself = seen[kind].contains(slot) && present?.contains(slot) ?? true
            return counts[kind] - (hasItself ? 1 : 0)
        }
    }

    /// Whom a node may be told about.
    package func peers(of viewer: Int) -> NodeSet {
        var peers = seen[kindOfNode[viewer]]
        peers.remove(NodeSlot(viewer))
        return peers
    }

    /// Whether a node may be told about another.
    package func allows(_ viewer: Int, toSee node: Int) -> Bool {
        viewer != node && seen[kindOfNode[viewer]].contains(NodeSlot(node))
    }

    /// The nodes whose packet filter differs under another policy for the same fleet.
    ///
    /// Filters count as different when a rule that lets somebody in was added, taken away or changed, even if the others
    /// allow the same.
    package func nodesWithOtherFilter(_ other: PlainVisibility) -> NodeSet {
        nodes(unlikeIn: other) { filters[$0] != other.filters[$0] }
    }

    /// The nodes whose peers differ under another policy for the same fleet.
    package func nodesWithOtherPeers(_ other: PlainVisibility) -> NodeSet {
        nodes(unlikeIn: other) { seen[$0] != other.seen[$0] }
    }

    /// The nodes of those kinds that differ; all of them when the fleet falls into other kinds.
    private func nodes(unlikeIn other: PlainVisibility, isOther: (_ kind: Int) -> Bool) -> NodeSet {
        guard other.kindOfNode == kindOfNode else { return NodeSet(kindOfNode.indices.map { NodeSlot($0) }) }
        var nodes = NodeSet()
        for (kind, members) in nodesOfKind.enumerated() where isOther(kind) { nodes.formUnion(members) }
        return nodes
    }

    // MARK: - Rules

    private mutating func apply(_ rule: PlainPolicy.Rule) throws(PlanError) {
        var sources = Meaning()
        for alias in rule.sources { sources.formUnion(try meaning(alias)) }
        guard !sources.nodes.isEmpty || !sources.outside.isEmpty else { return }
        for destination in rule.destinations {
            if destination.alias == "autogroup:self" {
                applySelf(sources, ports: destination.ports)
            } else {
                let targets = try meaning(destination.alias)
                connect(sources, targets)
                for kind in targets.kinds { note(sources.nodes, sources.outside, destination.ports, at: kind) }
            }
        }
    }

    private mutating func connect(_ sources: Meaning, _ targets: Meaning) {
        for kind in sources.kinds { seen[kind].formUnion(targets.nodes) }
        for kind in targets.kinds { seen[kind].formUnion(sources.nodes) }
    }

    /// Each user's nodes that the rule names reach all nodes of that user.
    private mutating func applySelf(_ sources: Meaning, ports: String) {
        let users = Set(sources.kinds.compactMap { kinds[$0].user })
        for user in users {
            guard let all = nodesOfUser[user] else { continue }
            let named = sources.nodes.intersection(all)
            for (kind, members) in nodesOfKind.enumerated() where kinds[kind].user == user {
                if !members.isDisjoint(with: named) { seen[kind].formUnion(all) }
                seen[kind].formUnion(named)
                note(named, [], ports, at: kind)
            }
        }
    }

    /// The sum does not depend on the order of rules.
    private mutating func note(_ sources: NodeSet, _ outside: Set<String>, _ ports: String, at kind: Int) {
        var hasher = Hasher()
        hasher.combine(sources)
        hasher.combine(outside)
        hasher.combine(ports)
        filters[kind] &+= UInt64(bitPattern: Int64(hasher.finalize()))
    }

    // MARK: - Aliases

    private mutating func meaning(_ alias: String) throws(PlanError) -> Meaning {
        if let known = meanings[alias] { return known }
        var meaning = Meaning()
        if let prefix = Self.prefix(policy.prefixText(alias)) {
            meaning = self.meaning(prefix)
        } else {
            let isMeant = try test(alias)
            for (number, kind) in kinds.enumerated() where isMeant(kind) {
                meaning.kinds.insert(number)
                meaning.nodes.formUnion(nodesOfKind[number])
            }
        }
        meanings[alias] = meaning
        return meaning
    }

    /// Which kinds of node an alias means that is neither an address nor a host.
    private func test(_ alias: String) throws(PlanError) -> (Kind) -> Bool {
        switch alias {
        case "*", "autogroup:danger-all": return { _ in true }
        case "autogroup:member", "autogroup:members": return { $0.user != nil }
        case "autogroup:tagged": return { !$0.tags.isEmpty }
        case "autogroup:internet": return { _ in false }
        default: break
        }
        if alias.hasPrefix("tag:") { return { $0.tags.contains(alias) } }
        if alias.hasPrefix("group:") {
            guard let members = policy.groups[alias] else { throw PlanError("the policy has no '\(alias)'") }
            let names = Set(members)
            return { [emails] kind in kind.user.map { Self.isNamed($0, by: names, emails) } ?? false }
        }
        guard !alias.hasPrefix("autogroup:"), !alias.contains(":"), alias.contains("@") else {
            throw PlanError("'swarm plan' does not know what '\(alias)' is; take it out of the policy")
        }
        return { [emails] kind in kind.user.map { Self.isNamed($0, by: [alias], emails) } ?? false }
    }

    private static func isNamed(_ user: String, by names: Set<String>, _ emails: [String: String]) -> Bool {
        names.contains(user + "@") || emails[user].map(names.contains) ?? false
    }

    private static func prefix(_ text: String) -> IPPrefix? {
        IPPrefix(text: text) ?? IPAddress(text: text).map(IPPrefix.init(single:))
    }

    /// All nodes if the prefix has all addresses that servers give out; else those whose address is known to be in it.
    private func meaning(_ prefix: IPPrefix) -> Meaning {
        var meaning = Meaning()
        meaning.outside = ["\(prefix)"]
        let hasAll = Self.tailnets.contains(where: prefix.contains)
        for (number, kind) in kinds.enumerated() {
            let hasOne = kind.address.flatMap { IPAddress(text: $0) }.map(prefix.contains) ?? false
            guard hasAll || hasOne else { continue }
            meaning.kinds.insert(number)
            meaning.nodes.formUnion(nodesOfKind[number])
        }
        return meaning
    }

    static let tailnets = ["100.64.0.0/10", "fd7a:115c:a1e0::/48"].compactMap { IPPrefix(text: $0) }
}

extension Sequence<PlainVisibility> {
    /// Whom a node may be told about under any of these.
    func peers(of viewer: Int) -> NodeSet {
        reduce(into: NodeSet()) { $0.formUnion($1.peers(of: viewer)) }
    }
}
