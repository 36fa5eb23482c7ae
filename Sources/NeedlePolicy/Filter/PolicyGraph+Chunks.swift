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
                for text in destinationTexts(entry.destination, at: node) { hash.combine(text) }
                for ports in entry.ports { hash.combine(UInt64(ports.first) << 16 | UInt64(ports.last)) }
            }
            let name = chunkName("p", group.sources, "\(group.protocols)")
            chunks.append(PolicyChunk(name: name, version: hash.value, content: .packets(group)))
        }
        for group in kind.capabilities {
            var hash = ContentHash()
            hash.combine(sourcesHash(group.sources))
            let grants = group.destinations.flatMap { destinationPrefixes($0, at: node) }
            for prefix in grants { hash.combine(prefix.description) }
            let name = chunkName("c", group.sources, Self.spelling(of: group.capabilities))
            if !grants.isEmpty {
                chunks.append(PolicyChunk(name: name, version: hash.value, content: .capabilities(group)))
            }
        }
        chunks += ownChunks(of: node)
        return Self.uniquelyNamed(chunks)
    }

    private func ownChunks(of node: Node) -> [PolicyChunk] {
        compiled.selfEdges.compactMap { index in
            let edge = compiled.edges[index]
            let own = ownSources(edge.sources, of: node)
            guard !own.isEmpty else { return nil }
            var hash = ContentHash()
            for slot in edge.isCompanion ? node.facts.user.flatMap({ ownNodes[$0.id] }) ?? own : own {
                hash.combine(self.node(slot)?.hash ?? 0)
            }
            hash.combine(node.hash)
            let name = chunkName("s", edge.sources, Self.spelling(of: edge.payload))
            return PolicyChunk(name: name, version: hash.value, content: .ownDevices(edge: index))
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

    private func chunkName(_ kind: String, _ list: Int, _ rest: String) -> String {
        var hash = ContentHash()
        for id in compiled.sourceLists[list] { hash.combine("\(compiled.table[id])") }
        hash.combine(rest)
        return kind + String(hash.value, radix: 16)
    }

    private static func spelling(of capabilities: CapMap) -> String {
        capabilities.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
    }

    private static func spelling(of payload: Edge.Payload) -> String {
        switch payload {
        case .packets(let protocols, let ports): "\(protocols) \(ports.map { "\($0.first)-\($0.last)" })"
        case .capabilities(let capabilities): spelling(of: capabilities)
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
