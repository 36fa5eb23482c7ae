// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

extension PolicyGraph {
    /// Writes what `sources` are, as a list.
    package func write(_ sources: SharedSources, to writer: inout JSONWriter) {
        let resolved = resolve(Int(sources.list), sources.portion)
        writer.beginArray()
        for text in resolved.texts {
            writer.element()
            writer.string(text)
        }
        for slot in resolved.nodes {
            guard let node = node(slot), !node.addressesJSON.isEmpty else { continue }
            writer.element()
            writer.raw(node.addressesJSON)
        }
        writer.endArray()
    }

    /// Writes where `chunk`, which has shared sources, lets packets go at the node at `slot`: what follows the opening
    /// bracket of the list of destinations, up to the end of the rule.
    package func writeDestinations(of chunk: PolicyChunk, at slot: NodeSlot, to writer: inout JSONWriter) {
        guard case .part(let index, _) = chunk.content, let node = node(slot) else { return writer.raw("]}") }
        let part = compiled.parts[Int(index)]
        let texts = destinationTexts(part.destination, at: node)
        var protocols: [Int] = []
        var isFirst = true
        for edge in compiled.edges(of: part) {
            guard case .packets(let numbers, let ports) = compiled.edges[edge].payload else { continue }
            protocols = numbers
            for text in texts {
                for range in ports {
                    if !isFirst { writer.raw(",") }
                    isFirst = false
                    NetPortRange.write(text, range, to: &writer)
                }
            }
        }
        writer.raw("]")
        if !protocols.isEmpty {
            writer.raw(#","IPProto":"#)
            writer.array(protocols)
        }
        writer.raw("}")
    }
}
