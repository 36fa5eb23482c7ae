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
        for part in kind.packets {
            let name = compiled.packetGroupNames[part.group]
            chunks.append(PolicyChunk(name: name, version: version(of: part, kind, at: node), content: .packets(part)))
        }
        for index in kind.capabilities {
            let edge = compiled.edges[index]
            var hash = ContentHash()
            hash.combine(sourcesHash(edge.sources))
            for id in edge.destinations where kind.selectors.contains(id) {
                hash.combine(destinationHash(id, at: node))
            }
            chunks.append(PolicyChunk(name: edge.name, version: hash.value, content: .capabilities(edge: index)))
        }
        chunks += ownChunks(of: node)
        return Self.uniquelyNamed(chunks)
    }

    private func version(of part: NodeClass.PacketPart, _ kind: NodeClass, at node: Node) -> UInt64 {
        var hash = ContentHash()
        hash.combine(sourcesHash(compiled.packetGroups[part.group].sources))
        for entry in kind.entries[part.entries] {
            hash.combine(destinationHash(entry.destination, at: node))
            guard case .packets(_, let ports) = compiled.edges[Int(entry.edge)].payload else { continue }
            for range in ports { hash.combine(UInt64(range.first) << 16 | UInt64(range.last)) }
        }
        return hash.value
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
        case .packets(let part):
            let group = compiled.packetGroups[part.group]
            let sources = resolve(group.sources)
            let ports = ports(of: part, nodeClass(node), at: node)
            guard !sources.isEmpty, !ports.isEmpty else { return [] }
            return [FilterRule(srcIPs: texts(of: sources), dstPorts: ports, ipProto: group.protocols)]
        case .capabilities(let index):
            let edge = compiled.edges[index]
            return rule(for: edge, resolve(edge.sources), at: node).map { [$0] } ?? []
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
    func sourcesHash(_ list: Int) -> UInt64 {
        var hash = ContentHash()
        for id in compiled.sourceLists[list] {
            switch compiled.table[id] {
            case .everything: for route in routes.subnets { hash.combine(route.description) }
            case .anywhere, .addresses, .internetAddresses: break
            default: hash.combine(hashes[Int(id)])
            }
        }
        return hash.value
    }

    /// Tells whether what a destination is at `node` has changed.
    private func destinationHash(_ id: SelectorID, at node: Node) -> UInt64 {
        switch compiled.table[id] {
        case .everything, .anywhere, .internet: return compiled.spellings[Int(id)]
        case .addresses, .internetAddresses, .via:
            var hash = ContentHash()
            hash.combine(compiled.spellings[Int(id)])
            hash.combine(node.hash)
            hash.combine(node.reach.isExitNode ? 1 : 0)
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
