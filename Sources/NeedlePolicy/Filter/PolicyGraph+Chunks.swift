// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

extension PolicyGraph {
    /// The packet filter of the node at `slot`, in parts, without the rules themselves.
    ///
    /// What nobody is there to use is left out. Tailscale's service writes capabilities for nobody as rules without
    /// sources, and so do ``MergedFilters``; to a client it is the same.
    ///
    /// - Complexity: O(lists of sources that lead to the node × their selectors); nothing is written out.
    package func filterChunks(of slot: NodeSlot) -> [PolicyChunk] {
        var lists = DividedLists.forgetful
        return filterChunks(of: slot, &lists)
    }

    /// The same, for one who asks for the filters of many nodes.
    package func filterChunks(of slot: NodeSlot, _ lists: inout DividedLists) -> [PolicyChunk] {
        guard let node = node(slot) else { return [] }
        let selectors = nodeClass(node).selectors
        var chunks: [PolicyChunk] = []
        chunks.reserveCapacity(selectors.reduce(0) { $0 + compiled.partsTo[Int($1)].count })
        lists.begin(generation: stamps.first, listCount: compiled.sourceLists.count)
        for id in selectors where !compiled.partsTo[Int(id)].isEmpty {
            let destination = destinationHash(id, at: node)
            for index in compiled.partsTo[Int(id)] {
                appendChunks(ofPart: index, destination, at: node, &lists, to: &chunks)
            }
        }
        appendOwnChunks(of: node, to: &chunks)
        return chunks
    }

    /// Adds the chunks of the part with this index, at a `node` where the destination has this hash.
    private func appendChunks(
        ofPart index: Int32,
        _ destination: UInt64,
        at node: Node,
        _ lists: inout DividedLists,
        to chunks: inout [PolicyChunk]
    ) {
        let part = compiled.parts[Int(index)]
        let traits = compiled.sourceTraits[Int(part.sources)]
        var version: UInt64 = traits.readsSubnets ? routes.subnetsHash : 0
        var count = 0
        for id in traits.withNodes {
            let sum = selectorStates[Int(id)].sum
            version &+= sum.hash &* (compiled.spellings[Int(id)] | 1)
            count += Int(sum.count)
        }
        if count >= bandLayout.dividedNodesMin {
            let parts = lists.parts(of: Int(part.sources), version: version, nodeCount: count) {
                dividedSources(part.sources, traits, nodes: count)
            }
            for sources in parts {
                chunks.append(chunk(index, part, of: sources, destination, at: node))
            }
        } else if count > 0 || traits.isNeverEmpty {
            // Subnets may be many, too.
            let count = Int32(clamping: count) + (traits.readsSubnets ? 16 : 0)
            let sources = SharedSources(list: part.sources, nodeCount: count, portion: .whole, version: version)
            chunks.append(chunk(index, part, of: sources, destination, at: node))
        }
    }

    private func chunk(
        _ index: Int32,
        _ part: CompiledPolicy.FilterPart,
        of sources: SharedSources,
        _ destination: UInt64,
        at node: Node
    ) -> PolicyChunk {
        var version = ContentHash()
        version.combine(sources.version)
        version.combine(part.hash)
        version.combine(destination)
        // Capabilities are for addresses, whatever the destination is.
        if !part.isPackets { version.combine(node.hash) }
        var key = part.key
        if let slots = sources.portion.slots {
            var hash = ContentHash()
            hash.combine(key)
            hash.combine(UInt64(slots.lowerBound))
            hash.combine(UInt64(slots.upperBound))
            key = hash.value
        }
        return PolicyChunk(
            key: key,
            version: version.value,
            sources: part.isPackets ? sources : nil,
            content: .part(index, sources.portion)
        )
    }

    private func appendOwnChunks(of node: Node, to chunks: inout [PolicyChunk]) {
        guard !node.facts.isTagged else { return }
        for (index, key) in zip(compiled.selfEdges, compiled.selfKeys) {
            let edge = compiled.edges[index]
            let own = ownSources(edge.sources, of: node)
            guard !own.isEmpty else { continue }
            var hash = ContentHash()
            for slot in edge.isCompanion ? node.facts.user.flatMap({ ownNodes[$0.id] }) ?? own : own {
                hash.combine(self.node(slot)?.hash ?? 0)
            }
            hash.combine(node.hash)
            hash.combine(own.contains(node.facts.slot) ? 1 : 0)
            chunks.append(
                PolicyChunk(key: key, version: hash.value, sources: nil, content: .ownDevices(edge: Int32(index)))
            )
        }
    }

    /// The rules of one of the chunks of the node at `slot`.
    package func rules(of chunk: PolicyChunk, at slot: NodeSlot) -> [FilterRule] {
        guard let node = node(slot) else { return [] }
        switch chunk.content {
        case .part(let index, let portion):
            let part = compiled.parts[Int(index)]
            let edges = compiled.edges(of: part)
            let first = compiled.edges[edges[0]]
            let sources = resolve(first.sources, portion)
            guard case .packets(let protocols, _) = first.payload else {
                return rule(for: first, to: [part.destination], sources, at: node).map { [$0] } ?? []
            }
            let ports = ports(of: edges, to: part.destination, at: node)
            guard !sources.isEmpty, !ports.isEmpty else { return [] }
            return [FilterRule(srcIPs: texts(of: sources), dstPorts: ports, ipProto: protocols)]
        case .ownDevices(let index):
            let edge = compiled.edges[Int(index)]
            let own = ownSources(edge.sources, of: node)
            guard case .packets(let protocols, let ports) = edge.payload else {
                return selfRule(for: edge, own, at: node, slot).map { [$0] } ?? []
            }
            let sources = ResolvedSources(nodes: own)
            return [
                FilterRule(
                    srcIPs: texts(of: sources),
                    dstPorts: Self.destinations(node.addresses, ports),
                    ipProto: protocols
                )
            ]
        }
    }

    /// A long list of sources in parts: what is written as it is, and the nodes band by band.
    private func dividedSources(
        _ list: Int32,
        _ traits: CompiledPolicy.SourceTraits,
        nodes count: Int
    ) -> [SharedSources] {
        let bands = bands(of: traits.withNodes)
        let joined = bandLayout.bandsJoined(nodes: count, in: bands.count)
        var result: [SharedSources] = []
        result.reserveCapacity(bands.count / joined + 2)
        if traits.isNeverEmpty {
            let version = traits.readsSubnets ? routes.subnetsHash : 0
            result.append(SharedSources(list: list, nodeCount: 0, portion: .texts, version: version))
        }
        for first in stride(from: 0, to: bands.count, by: joined) {
            let band = bands[first..<min(first + joined, bands.count)].reduce(into: MemberSum()) { $0.add($1) }
            if band.count == 0 { continue }
            let slots = first * bandLayout.width..<(first + joined) * bandLayout.width
            result.append(
                SharedSources(
                    list: list,
                    nodeCount: band.count,
                    portion: .nodes(slots),
                    version: band.hash
                )
            )
        }
        return result
    }

    /// By narrow band, up to the last that is not empty, what can be told of the nodes in `selectors`.
    private func bands(of selectors: [SelectorID]) -> [MemberSum] {
        var result: [MemberSum] = []
        for id in selectors where selectorStates[Int(id)].sum.count > 0 {
            let bands = bands(of: id).bands
            while result.count < bands.count { result.append(MemberSum()) }
            for (index, band) in bands.enumerated() { result[index].add(band, times: compiled.spellings[Int(id)] | 1) }
        }
        while result.last?.count == 0 { result.removeLast() }
        return result
    }

    /// Tells whether what a destination is at `node` has changed.
    private func destinationHash(_ id: SelectorID, at node: Node) -> UInt64 {
        switch compiled.table[id] {
        case .everything, .anywhere, .internet: return 0
        case .addresses, .internetAddresses, .via:
            var hash = ContentHash()
            for text in destinationTexts(id, at: node) { hash.combine(text) }
            hash.combine(node.hash)
            return hash.value
        default: return node.hash
        }
    }
}
