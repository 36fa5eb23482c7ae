// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire

extension CompiledPolicy {
    /// A name for what `edge` adds to packet filters; it follows from how the sources are spelled and what is granted.
    ///
    /// Packets of one list of sources by the same protocols go together, so ports do not count.
    func chunkName(of edge: Edge) -> String {
        var hash = ContentHash()
        for id in sourceLists[edge.sources] { hash.combine(spellings[Int(id)]) }
        switch edge.payload {
        case .packets(let protocols, let ports):
            for number in protocols { hash.combine(UInt64(number)) }
            guard edge.isSelf else { break }
            for range in ports { hash.combine(UInt64(range.first) << 16 | UInt64(range.last)) }
        case .capabilities(let capabilities):
            for (name, values) in capabilities.sorted(by: { $0.key < $1.key }) {
                hash.combine(name)
                for value in values { hash.combine(value.text) }
            }
        }
        return (edge.isSelf ? "s" : edge.isPackets ? "p" : "c") + String(hash.value, radix: 36)
    }
}
