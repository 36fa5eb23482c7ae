// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

extension PolicyGraph {
    /// What the destination `id` is at `node`, as a filter rule writes it; `node` is in it.
    func destinationTexts(_ id: SelectorID, at node: Node) -> [String] {
        destinationTexts(compiled.table[id], at: node)
    }

    private func destinationTexts(_ selector: Selector, at node: Node) -> [String] {
        switch selector {
        case .everything, .anywhere: ["*"]
        case .internet: KnownRanges.internetTexts
        case .via(_, let base):
            base.ranges.map { ranges in
                ranges.filter { range in node.reach.subnets.contains { range.overlaps($0) } }.map(\.description)
            } ?? destinationTexts(base, at: node)
        case .addresses(let ranges): ranges.filter { concerns($0, node) }.map(\.description)
        case .internetAddresses(let ranges):
            ranges.filter { range in
                concerns(range, node)
                    || node.reach.isExitNode && KnownRanges.internet.contains { $0.overlaps(range) }
            }.map(\.description)
        default: node.addresses
        }
    }

    /// What the destination `id` is at `node` as prefixes, for capabilities: addresses of its own, and what lies behind.
    func destinationPrefixes(_ id: SelectorID, at node: Node) -> [IPPrefix] {
        guard let ranges = compiled.table[id].ranges else {
            return node.reach.addresses.map(IPPrefix.init(single:))
        }
        let own = node.reach.addresses.filter { address in ranges.contains { $0.contains(address) } }
        let behind = ranges.filter { range in node.reach.subnets.contains { range.overlaps($0) } }.flatMap(\.prefixes)
        return Set(own.map(IPPrefix.init(single:)) + behind).sorted()
    }

    private func concerns(_ range: AddressRange, _ node: Node) -> Bool {
        node.reach.addresses.contains { range.contains($0) } || node.reach.subnets.contains { range.overlaps($0) }
    }

    /// Each of `texts` with each of `ports`.
    static func destinations(_ texts: [String], _ ports: [PortRange]) -> [NetPortRange] {
        texts.flatMap { text in ports.map { NetPortRange(ip: text, ports: $0) } }
    }
}
