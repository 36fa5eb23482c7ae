// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

extension PolicyCompiler {
    /// Links both ends of every edge.
    ///
    /// - Complexity: linear in the names of all rules; pairs of source and destination are never listed.
    mutating func connect() {
        let count = compiled.table.count
        let lists = compiled.sourceLists.count
        compiled.edgesTo = Array(repeating: [], count: count)
        compiled.listsFrom = Array(repeating: [], count: count)
        compiled.listsTo = Array(repeating: [], count: count)
        compiled.reachesOfList = Array(repeating: [], count: lists)
        compiled.feedsOfList = Array(repeating: [], count: lists)
        for (index, edge) in compiled.edges.enumerated() {
            if edge.isSelf {
                compiled.selfEdges.append(index)
                compiled.selfSources.insert(compiled.sourceLists[edge.sources])
            }
            for destination in edge.destinations {
                compiled.edgesTo[Int(destination)].append(index)
                compiled.feedsOfList[edge.sources].append(destination)
                // A companion adds nothing to who sees whom, and does not make anybody reach anything.
                guard !edge.isCompanion else { continue }
                compiled.reachesOfList[edge.sources].append(destination)
                compiled.listsTo[Int(destination)].append(Int32(edge.sources))
            }
        }
        for list in 0..<lists {
            compiled.reachesOfList[list] = compiled.reachesOfList[list].sortedUnique()
            compiled.feedsOfList[list] = compiled.feedsOfList[list].sortedUnique()
            for id in compiled.sourceLists[list] { compiled.listsFrom[Int(id)].append(Int32(list)) }
        }
        for id in 0..<count {
            compiled.edgesTo[id] = compiled.edgesTo[id].sortedUnique()
            compiled.listsTo[id] = compiled.listsTo[id].sortedUnique()
        }
        compiled.sourceTraits = compiled.sourceLists.map { traits(of: $0) }
        widen()
    }

    private func traits(of list: [SelectorID]) -> CompiledPolicy.SourceTraits {
        var traits = CompiledPolicy.SourceTraits()
        for id in list {
            switch compiled.table[id] {
            case .anywhere: traits.isAnybody = true
            case .everything: traits.readsSubnets = true
            case .addresses, .internetAddresses: break
            default: traits.withNodes.append(id)
            }
        }
        return traits.isAnybody ? CompiledPolicy.SourceTraits(isAnybody: true) : traits
    }

    /// Keeps the ends of selectors ready that have many edges, so that classes in them need not gather them again.
    private mutating func widen() {
        for id in 0..<compiled.table.count {
            guard compiled.listsFrom[id].count + compiled.listsTo[id].count >= CompiledPolicy.wideEdgesMin else {
                continue
            }
            var ends = EdgeEnds()
            compiled.addEnds(of: SelectorID(id), to: &ends)
            compiled.wideEnds[SelectorID(id)] = ends
        }
    }
}

extension Array where Element: Comparable {
    /// In rising order, each once.
    func sortedUnique() -> [Element] {
        guard count > 1 else { return self }
        var result = sorted()
        var last = 0
        for index in 1..<result.count where result[index] != result[last] {
            last += 1
            result[last] = result[index]
        }
        result.removeLast(result.count - last - 1)
        return result
    }
}
