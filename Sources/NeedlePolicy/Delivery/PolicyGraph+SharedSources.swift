// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

extension PolicyGraph {
    /// The sources of `chunk` if other nodes may have the same: those of rules that let packets through.
    ///
    /// - Complexity: O(selectors in the list × nodes / 64); the sources are not worked out.
    package func sharedSources(of chunk: PolicyChunk) -> SharedSources? {
        guard case .packets(let part) = chunk.content else { return nil }
        let list = compiled.packetGroups[part.group].sources
        let count = compiled.sourceLists[list].reduce(0) { $0 + members[Int($1)].count }
        return SharedSources(list: list, version: sourcesHash(list), nodeCount: count)
    }

    /// What `sources` are, as a filter rule writes them.
    package func texts(of sources: SharedSources) -> [String] {
        texts(of: resolve(sources.list))
    }

    /// Where `chunk`, which has shared sources, lets packets go at the node at `slot`, and of which protocols.
    package func destinations(of chunk: PolicyChunk, at slot: NodeSlot) -> (ports: [NetPortRange], protocols: [Int]) {
        guard case .packets(let part) = chunk.content, let node = node(slot) else { return ([], []) }
        let protocols = compiled.packetGroups[part.group].protocols
        return (ports(of: part, nodeClass(node), at: node), protocols)
    }
}
