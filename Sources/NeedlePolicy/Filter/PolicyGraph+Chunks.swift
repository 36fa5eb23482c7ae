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
        guard let node = node(slot) else { return [] }
        let selectors = nodeClass(node).selectors
        var chunks: [PolicyChunk] = []
        chunks.reserveCapacity(selectors.reduce(0) { $0 + compiled.partsTo[Int($1)].count })
        for id in selectors where !compiled.partsTo[Int(id)].isEmpty {
            let destination = destinationHash(id, at: node)
            for index in compiled.partsTo[Int(id)] {
                let part = compiled.parts[Int(index)]
                let sources = sharedSources(Int(part.sources))
                guard sources.nodeCount > 0 || compiled.sourceTraits[sources.list].isNeverEmpty else { continue }
                var hash = ContentHash()
                hash.combine(sources.version)
                hash.combine(part.hash)
                hash.combine(destination)
                // Capabilities are for addresses, whatever the destination is.
                if !part.isPackets { hash.combine(node.hash) }
                chunks.append(
                    PolicyChunk(
                        key: part.key,
                        version: hash.value,
                        sources: part.isPackets ? sources : nil,
                        content: .part(Int(index))
                    )
                )
            }
        }
        appendOwnChunks(of: node, to: &chunks)
        return chunks
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
            chunks.append(PolicyChunk(key: key, version: hash.value, sources: nil, content: .ownDevices(edge: index)))
        }
    }

    /// The rules of one of the chunks of the node at `slot`.
    package func rules(of chunk: PolicyChunk, at slot: NodeSlot) -> [FilterRule] {
        guard let node = node(slot) else { return [] }
        switch chunk.content {
        case .part(let index):
            let part = compiled.parts[index]
            let edges = compiled.edges(of: part)
            let first = compiled.edges[edges[0]]
            let sources = resolve(first.sources)
            guard case .packets(let protocols, _) = first.payload else {
                return rule(for: first, to: [part.destination], sources, at: node).map { [$0] } ?? []
            }
            let ports = ports(of: edges, to: part.destination, at: node)
            guard !sources.isEmpty, !ports.isEmpty else { return [] }
            return [FilterRule(srcIPs: texts(of: sources), dstPorts: ports, ipProto: protocols)]
        case .ownDevices(let index):
            let edge = compiled.edges[index]
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

    /// What can be told of a list of sources without working it out.
    private func sharedSources(_ list: Int) -> SharedSources {
        let traits = compiled.sourceTraits[list]
        var sum: UInt64 = traits.readsSubnets ? routes.subnetsHash : 0
        for id in traits.withNodes { sum &+= selectorStates[Int(id)].hash &* (compiled.spellings[Int(id)] | 1) }
        let count = compiled.sourceLists[list].reduce(0) { $0 + Int(selectorStates[Int($1)].count) }
        return SharedSources(list: list, version: sum, nodeCount: count)
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
