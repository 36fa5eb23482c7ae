// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

extension PolicyCompiler {
    /// Links both ends of every edge.
    ///
    /// - Complexity: linear in the names of all rules; pairs of source and destination are never listed.
    mutating func connect() {
        typealias Pairs = [(bucket: Int32, item: Int32)]
        var (edgesTo, reaches, feeds, listsTo) = (Pairs(), Pairs(), Pairs(), Pairs())
        for (index, edge) in compiled.edges.enumerated() {
            let list = Int32(edge.sources)
            if edge.isSelf {
                compiled.selfEdges.append(index)
                compiled.selfSources.insert(compiled.sourceLists[edge.sources])
            }
            for destination in edge.destinations {
                edgesTo.append((destination, Int32(index)))
                feeds.append((list, destination))
                // A companion adds nothing to who sees whom, and does not make anybody reach anything.
                guard !edge.isCompanion else { continue }
                reaches.append((list, destination))
                listsTo.append((destination, list))
            }
        }
        var (sources, listsFrom) = (Pairs(), Pairs())
        for (list, selectors) in compiled.sourceLists.enumerated() {
            for id in selectors {
                sources.append((Int32(list), id))
                listsFrom.append((id, Int32(list)))
            }
        }
        let count = compiled.table.count
        let lists = compiled.sourceLists.count
        compiled.edgesTo = Buckets(count: count, pairs: edgesTo)
        compiled.reachesOfList = Buckets(count: lists, pairs: reaches)
        compiled.feedsOfList = Buckets(count: lists, pairs: feeds)
        compiled.sourcesOfList = Buckets(count: lists, pairs: sources)
        compiled.listsTo = Buckets(count: count, pairs: listsTo)
        compiled.listsFrom = Buckets(count: count, pairs: listsFrom)
        compiled.sourceTraits = compiled.sourceLists.map { traits(of: $0) }
        widen()
    }

    private func traits(of list: [SelectorID]) -> CompiledPolicy.SourceTraits {
        var traits = CompiledPolicy.SourceTraits()
        for id in list {
            switch compiled.table[id] {
            case .anywhere: traits.isAnybody = true
            case .everything:
                traits.readsSubnets = true
                traits.isNeverEmpty = true
            case .addresses(let ranges), .internetAddresses(let ranges):
                if !ranges.isEmpty { traits.isNeverEmpty = true }
            default: traits.withNodes.append(id)
            }
        }
        return traits.isAnybody ? CompiledPolicy.SourceTraits(isNeverEmpty: true, isAnybody: true) : traits
    }

    /// Keeps the ends of selectors ready that have many edges, so that classes in them need not gather them again.
    private mutating func widen() {
        for id in 0..<compiled.table.count {
            guard compiled.listsFrom.count(of: id) + compiled.listsTo.count(of: id) >= CompiledPolicy.wideEdgesMin
            else {
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

extension Array where Element: Hashable {
    /// In the order in which they first occur.
    func eachOnce() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
