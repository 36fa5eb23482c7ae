// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Finds names for sets of nodes: groups, tags, users, autogroups, and at last the nodes' own.
struct PartyNaming {
    typealias Party = PolicyDifference.Party

    /// No more names than this for one party.
    private static let namesMax = 6
    /// Nodes are named one by one if they are no more than this.
    private static let singlesMax = 3
    private static let placesMax = 6

    private struct Candidate {
        let name: String
        let nodes: NodeSet
        let count: Int
    }

    /// Of several for the same nodes the first one is taken: tags before groups, and these before users and autogroups.
    private let candidates: [Candidate]
    private let everyone: NodeSet
    private let names: (NodeSlot) -> String

    /// Names of the nodes of both graphs; where groups differ, the new ones count.
    init(_ old: PolicyGraph, _ new: PolicyGraph, names: @escaping (NodeSlot) -> String) {
        self.names = names
        everyone = old.everyone.union(new.everyone)
        var sets: [(kind: Int, name: String, nodes: NodeSet)] = [(0, "all nodes", everyone)]
        var places: [String: Int] = [:]
        func insert(_ slot: NodeSlot, into name: String, _ kind: Int) {
            if places[name] == nil {
                places[name] = sets.count
                sets.append((kind, name, NodeSet()))
            }
            if let place = places[name] { sets[place].nodes.insert(slot) }
        }
        let groups = Self.groups(old, new)
        for slot in everyone {
            guard let facts = (new.node(slot) ?? old.node(slot))?.facts else { continue }
            insert(slot, into: facts.isTagged ? "autogroup:tagged" : "autogroup:member", 4)
            for tag in facts.tags { insert(slot, into: tag, 1) }
            guard !facts.isTagged, let user = facts.user else { continue }
            insert(slot, into: AliasWording.name(of: user), 3)
            for group in Set(user.policyNames.flatMap { groups[$0] ?? [] }) { insert(slot, into: group, 2) }
        }
        candidates = sets.filter { !$0.nodes.isEmpty }.sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
            .map { Candidate(name: $0.name, nodes: $0.nodes, count: $0.nodes.count) }
    }

    /// By member, the groups.
    private static func groups(_ old: PolicyGraph, _ new: PolicyGraph) -> [String: [String]] {
        let all = new.compiled.table.groupMembers.merging(old.compiled.table.groupMembers) { new, _ in new }
        var result: [String: [String]] = [:]
        for (group, members) in all {
            for member in members { result[member, default: []].append(group) }
        }
        return result
    }

    /// `sources` by names.
    func party(_ sources: AccessSources) -> Party { party(sources.nodes, places: sources.places.sorted()) }

    /// `nodes` and `places` by names.
    func party(_ nodes: NodeSet, places: [String] = []) -> Party {
        let count = nodes.count
        var (names, rest) = cover(nodes)
        var except: [Party.Name] = []
        if names.count > 2 || !rest.isEmpty, count * 2 > everyone.count {
            let (others, left) = cover(everyone.subtracting(nodes))
            if left.isEmpty, others.count < max(names.count, 3) {
                names = [Party.Name(name: "all nodes", nodes: everyone.count)]
                except = others
                rest = NodeSet()
            }
        }
        let hidden = max(0, places.count - Self.placesMax)
        return Party(
            names: names,
            except: except,
            nodes: count,
            more: rest.count,
            places: places.prefix(Self.placesMax) + (hidden > 0 ? ["\(hidden) more"] : [])
        )
    }

    /// Names for as much of `nodes` as a few can say, the ones for the most nodes first, and what is left.
    private func cover(_ nodes: NodeSet) -> (names: [Party.Name], rest: NodeSet) {
        var rest = nodes
        var result: [Party.Name] = []
        var usable = nodes.isEmpty ? [] : candidates.filter { $0.nodes.subtracting(nodes).isEmpty }
        while !rest.isEmpty, result.count < Self.namesMax {
            var best: (candidate: Candidate, count: Int)?
            for candidate in usable where candidate.count > best?.count ?? 0 {
                let count = candidate.nodes.intersection(rest).count
                if count > best?.count ?? 0 { best = (candidate, count) }
            }
            guard let best else { break }
            usable.removeAll { $0.name == best.candidate.name }
            rest.subtract(best.candidate.nodes)
            result.append(Party.Name(name: best.candidate.name, nodes: best.candidate.count))
        }
        if rest.count <= Self.singlesMax {
            result += rest.map { Party.Name(name: names($0), nodes: 1) }
            rest = NodeSet()
        }
        return (result, rest)
    }
}
