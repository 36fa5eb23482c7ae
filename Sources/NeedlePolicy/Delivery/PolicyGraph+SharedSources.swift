// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

extension PolicyGraph {
    /// The sources of `chunk` if other nodes may have the same: those of rules that let packets through.
    ///
    /// - Complexity: O(selectors in the list); the sources are not worked out.
    package func sharedSources(of chunk: PolicyChunk) -> SharedSources? {
        guard let (list, _) = packets(of: chunk) else { return nil }
        let count = compiled.sourceLists[list].reduce(0) { $0 + Int(selectorStates[Int($1)].count) }
        return SharedSources(list: list, version: sourcesHash(list), nodeCount: count)
    }

    /// What `sources` are, as a filter rule writes them.
    package func texts(of sources: SharedSources) -> [String] {
        texts(of: resolve(sources.list))
    }

    /// Writes where `chunk`, which has shared sources, lets packets go at the node at `slot`, as a list.
    ///
    /// - Returns: of which protocols; none for the usual ones.
    package func writeDestinations(of chunk: PolicyChunk, at slot: NodeSlot, to writer: inout JSONWriter) -> [Int] {
        writer.beginArray()
        defer { writer.endArray() }
        guard let (_, protocols) = packets(of: chunk), case .part(let index) = chunk.content, let node = node(slot)
        else { return [] }
        let part = compiled.parts[index]
        let texts = destinationTexts(part.destination, at: node)
        for edge in compiled.edges(of: part) {
            guard case .packets(_, let ports) = compiled.edges[edge].payload else { continue }
            for text in texts {
                for range in ports {
                    writer.element()
                    NetPortRange(ip: text, ports: range).write(to: &writer)
                }
            }
        }
        return protocols
    }

    /// The list of sources and the protocols of a chunk that lets packets through to others than a user's own devices.
    private func packets(of chunk: PolicyChunk) -> (list: Int, protocols: [Int])? {
        guard case .part(let index) = chunk.content, let edge = compiled.edges(of: compiled.parts[index]).first,
            case .packets(let protocols, _) = compiled.edges[edge].payload
        else { return nil }
        return (Int(compiled.parts[index].sources), protocols)
    }
}
