// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

extension PolicyCompiler {
    private struct Group: Hashable {
        let sources: Int
        let protocols: [Int]
    }

    /// Divides what leads to each selector into the chunks of packet filters, and gives these their keys.
    mutating func divide() {
        compiled.spellings = compiled.table.selectors.map(\.spelling)
        let lists = compiled.sourceLists.map { list in
            ContentHash.of(unordered: list.map { compiled.spellings[Int($0)] })
        }
        let groups = packetGroups()
        for id in 0..<compiled.table.count {
            let first = Int32(compiled.parts.count)
            addPackets(to: SelectorID(id), groups, lists)
            addCapabilities(to: SelectorID(id), lists)
            compiled.partsTo.append(first..<Int32(compiled.parts.count))
            if compiled.edgesTo[id].contains(where: {
                compiled.sourceTraits[compiled.edges[Int($0)].sources].readsSubnets
            }) {
                compiled.readsSubnets.insert(id)
            }
        }
        for index in compiled.selfEdges {
            let edge = compiled.edges[index]
            var hash = ContentHash()
            hash.combine(edge.isCompanion ? 1 : 0)
            compiled.selfKeys.append(key(of: edge, lists[edge.sources], &hash, withPorts: true))
        }
        makeKeysUnique()
    }

    /// By edge, a number for its sources and protocols, in the order of the policy.
    private func packetGroups() -> [UInt32] {
        var ids: [Group: UInt32] = [:]
        return compiled.edges.map { edge in
            guard case .packets(let protocols, _) = edge.payload else { return 0 }
            let group = Group(sources: edge.sources, protocols: protocols)
            if let id = ids[group] { return id }
            let id = UInt32(ids.count)
            ids[group] = id
            return id
        }
    }

    /// Edges with the same sources and protocols are one part.
    private mutating func addPackets(to id: SelectorID, _ groups: [UInt32], _ lists: [UInt64]) {
        let found = compiled.edgesTo[Int(id)].filter { compiled.edges[Int($0)].isPackets }
            .map { UInt64(groups[Int($0)]) << 32 | UInt64($0) }.sorted()
        var start = 0
        while start < found.count {
            let first = Int32(compiled.partEdges.count)
            var ports = ContentHash()
            var end = start
            while end < found.count, found[end] >> 32 == found[start] >> 32 {
                let index = Int32(truncatingIfNeeded: found[end] & 0xffff_ffff)
                compiled.partEdges.append(index)
                if case .packets(_, let ranges) = compiled.edges[Int(index)].payload { ports.combine(ranges) }
                end += 1
            }
            let edge = compiled.edges[Int(compiled.partEdges[Int(first)])]
            addPart(of: edge, to: id, first, ports.value, lists)
            start = end
        }
    }

    private mutating func addCapabilities(to id: SelectorID, _ lists: [UInt64]) {
        for index in compiled.edgesTo[Int(id)] where !compiled.edges[Int(index)].isPackets {
            compiled.partEdges.append(index)
            addPart(of: compiled.edges[Int(index)], to: id, Int32(compiled.partEdges.count - 1), 0, lists)
        }
    }

    private mutating func addPart(
        of edge: Edge,
        to id: SelectorID,
        _ first: Int32,
        _ content: UInt64,
        _ lists: [UInt64]
    ) {
        var hash = ContentHash()
        hash.combine(compiled.spellings[Int(id)])
        compiled.parts.append(
            CompiledPolicy.FilterPart(
                key: key(of: edge, lists[edge.sources], &hash, withPorts: false),
                hash: content,
                sources: Int32(edge.sources),
                destination: id,
                isPackets: edge.isPackets,
                edges: first..<Int32(compiled.partEdges.count)
            )
        )
    }

    private func key(of edge: Edge, _ list: UInt64, _ hash: inout ContentHash, withPorts: Bool) -> UInt64 {
        hash.combine(list)
        switch edge.payload {
        case .packets(let protocols, let ports):
            hash.combine(UInt64(protocols.count))
            for number in protocols { hash.combine(UInt64(number)) }
            if withPorts { hash.combine(ports) }
        case .capabilities(let capabilities):
            hash.combine(UInt64.max)
            hash.combine(capabilities)
        }
        return hash.value
    }

    /// Rules that are written twice would go by the same key.
    private mutating func makeKeysUnique() {
        var known: Set<UInt64> = []
        known.reserveCapacity(compiled.parts.count)
        for index in compiled.parts.indices {
            while !known.insert(compiled.parts[index].key).inserted { compiled.parts[index].key &+= 1 }
        }
        for index in compiled.selfKeys.indices {
            while !known.insert(compiled.selfKeys[index]).inserted { compiled.selfKeys[index] &+= 1 }
        }
    }
}
