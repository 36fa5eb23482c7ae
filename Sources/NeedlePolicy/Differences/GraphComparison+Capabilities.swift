// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

extension GraphComparison {
    /// A longer value is cut off.
    private static let valueLengthMax = 120

    /// Who has which capabilities towards whom, before or after but not both.
    func capabilityChanges() -> Gathered {
        var gathered: Gathered = [:]
        guard [old, new].contains(where: { $0.compiled.edges.contains { !$0.isPackets } }) else { return gathered }
        for kind in classes {
            let before = capabilities(old, oldLists, edges: edges(to: kind.first, old))
            let after = capabilities(new, newLists, edges: edges(to: kind.first, new))
            compare(before, after, to: AccessSources(nodes: kind.nodes), &gathered) { $0 }
        }
        let before = capabilities(old, oldLists, edges: old.compiled.selfEdges)
        let after = capabilities(new, newLists, edges: new.compiled.selfEdges)
        compare(before, after, to: Self.ownDevices, &gathered) { $0 }
        return gathered
    }

    private func edges(to slot: NodeSlot, _ graph: PolicyGraph) -> [Int] {
        guard let node = graph.node(slot) else { return [] }
        return graph.ownSelectors(of: node).flatMap { graph.compiled.edgesTo[Int($0)].map { Int($0) } }
    }

    /// By capability, who has it.
    private func capabilities(_ graph: PolicyGraph, _ lists: [Int], edges: [Int]) -> [String: AccessSources] {
        var result: [String: AccessSources] = [:]
        for index in Set(edges) {
            let edge = graph.compiled.edges[index]
            guard !edge.isCompanion, case .capabilities(let capabilities) = edge.payload else { continue }
            for (name, values) in capabilities {
                result[Self.text(name, values), default: AccessSources()].formUnion(sources[lists[edge.sources]])
            }
        }
        return result
    }

    /// Notes for each of the things before and after who gains and who loses it; things for the same sources together.
    func compare<Thing: Hashable>(
        _ before: [Thing: AccessSources],
        _ after: [Thing: AccessSources],
        to destination: AccessSources,
        _ gathered: inout Gathered,
        texts: ([Thing]) -> [String]
    ) {
        guard before != after else { return }
        var changes: [ChangeKey: [Thing]] = [:]
        for thing in Set(before.keys).union(after.keys) {
            let old = before[thing] ?? AccessSources()
            let new = after[thing] ?? AccessSources()
            for (isGained, sources) in [(true, new.subtracting(old)), (false, old.subtracting(new))]
            where !sources.isEmpty {
                changes[ChangeKey(isGained: isGained, sources: sources, what: []), default: []].append(thing)
            }
        }
        for (key, things) in changes {
            gather(key.isGained, key.sources, texts(things).sorted(), to: destination, &gathered)
        }
    }

    /// A capability or attribute with its values.
    static func text(_ name: String, _ values: [RawJSON]) -> String {
        guard !values.isEmpty else { return name }
        let text = values.map(\.text).joined(separator: ", ")
        return name + " " + (text.count <= valueLengthMax ? text : text.prefix(valueLengthMax - 1) + "…")
    }
}
