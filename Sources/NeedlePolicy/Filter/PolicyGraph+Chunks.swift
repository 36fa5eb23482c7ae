// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

extension PolicyGraph {
    /// The packet filter of the node at `slot`, in parts, without the rules themselves.
    ///
    /// - Complexity: O(edges that lead to the node); nothing is written out.
    package func filterChunks(of slot: NodeSlot) -> [PolicyChunk] {
        guard let node = node(slot) else { return [] }
        let kind = nodeClass(node)
        var chunks: [PolicyChunk] = []
        for group in kind.packets {
            var hash = ContentHash()
            hash.combine(sourcesHash(group.sources))
            for entry in group.entries {
                hash.combine(destinationHash(entry.destination, at: node))
                for ports in entry.ports { hash.combine(UInt64(ports.first) << 16 | UInt64(ports.last)) }
            }
            chunks.append(PolicyChunk(name: group.name, version: hash.value, content: .packets(group)))
        }
        for group in kind.capabilities {
            var hash = ContentHash()
            hash.combine(sourcesHash(group.sources))
            for id in group.destinations { hash.combine(destinationHash(id, at: node)) }
            chunks.append(PolicyChunk(name: group.name, version: hash.value, content: .capabilities(group)))
        }
        chunks += ownChunks(of: node)
        return Self.uniquelyNamed(chunks)
    }

    private func ownChunks(of node: Node) -> [PolicyChunk] {
        guard !node.facts.isTagged else { return [] }
        return compiled.selfEdges.compactMap { index in
            let edge = compiled.edges[index]
            let own = ownSources(edge.sources, of: node)
            guard !own.isEmpty else { return nil }
            var hash = ContentHash()
            for slot in edge.isCompanion ? node.facts.user.flatMap({ ownNodes[$0.id] }) ?? own : own {
                hash.combine(self.node(slot)?.hash ?? 0)
            }
            hash.combine(node.hash)
            hash.combine(own.contains(node.facts.slot) ? 1 : 0)
            return PolicyChunk(name: edge.name, version: hash.value, content: .ownDevices(edge: index))
        }
    }

    /// The rules of one of the chunks of the node at `slot`.
    package func rules(of chunk: PolicyChunk, at slot: NodeSlot) -> [FilterRule] {
        guard let node = node(slot) else { return [] }
        switch chunk.content {
        case .packets(let group):
            let sources = resolve(group.sources)
            let ports = group.entries.flatMap {
                Self.destinations(destinationTexts($0.destination, at: node), $0.ports)
            }
            guard !sources.isEmpty, !ports.isEmpty else { return [] }
            return [FilterRule(srcIPs: texts(of: sources), dstPorts: ports, ipProto: group.protocols)]
        case .capabilities(let group):
            return rule(for: group, resolve(group.sources), at: node).map { [$0] } ?? []
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

    /// Tells whether what a list of sources stands for has changed.
    private func sourcesHash(_ list: Int) -> UInt64 {
        var hash = ContentHash()
        for id in compiled.sourceLists[list] {
            switch compiled.table[id] {
            case .everything: for route in routes.subnets { hash.combine(route.description) }
            case .anywhere, .addresses: break
            default: hash.combine(hashes[Int(id)])
            }
        }
        return hash.value
    }

    /// Tells whether what a destination is at `node` has changed.
    private func destinationHash(_ id: SelectorID, at node: Node) -> UInt64 {
        switch compiled.table[id] {
        case .everything, .anywhere, .internet: return compiled.spellings[Int(id)]
        case .addresses, .via:
            var hash = ContentHash()
            hash.combine(compiled.spellings[Int(id)])
            hash.combine(node.hash)
            for route in node.reach.subnets { hash.combine(route.description) }
            return hash.value
        default: return compiled.spellings[Int(id)] ^ node.hash
        }
    }

    /// Numbers chunks that would have the same name, as equal rules written twice do.
    private static func uniquelyNamed(_ chunks: [PolicyChunk]) -> [PolicyChunk] {
        var counts: [String: Int] = [:]
        return chunks.map { chunk in
            let count = counts[chunk.name, default: 0]
            counts[chunk.name] = count + 1
            guard count > 0 else { return chunk }
            return PolicyChunk(name: "\(chunk.name)-\(count)", version: chunk.version, content: chunk.content)
        }
    }
}
