// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Whom something is from: nodes, and addresses that are no nodes'.
struct AccessSources: Hashable, Sendable {
    var nodes = NodeSet()
    var places: Set<String> = []

    var isEmpty: Bool { nodes.isEmpty && places.isEmpty }

    mutating func formUnion(_ other: AccessSources) {
        nodes.formUnion(other.nodes)
        places.formUnion(other.places)
    }

    func subtracting(_ other: AccessSources) -> AccessSources {
        AccessSources(nodes: nodes.subtracting(other.nodes), places: places.subtracting(other.places))
    }

    func intersection(_ other: AccessSources) -> AccessSources {
        AccessSources(nodes: nodes.intersection(other.nodes), places: places.intersection(other.places))
    }
}

extension PolicyGraph {
    /// Whom the lists of sources stand for, list by list.
    func accessSources() -> [AccessSources] {
        let single = compiled.table.selectors.indices.map { accessSources(SelectorID($0)) }
        return compiled.sourceLists.map { list in
            list.reduce(into: AccessSources()) { $0.formUnion(single[Int($1)]) }
        }
    }

    private func accessSources(_ id: SelectorID) -> AccessSources {
        switch compiled.table[id] {
        case .anywhere:
            return AccessSources(nodes: everyone, places: ["all other addresses"])
        case .everything:
            return AccessSources(nodes: everyone, places: Set(routes.subnets.map(\.description)))
        case .addresses(let ranges), .internetAddresses(let ranges):
            // Routers are in it for their routes, but it is not their own packets that are meant.
            let nodes = members[Int(id)].filter { slot in
                node(slot)?.reach.addresses.contains { address in ranges.contains { $0.contains(address) } } ?? false
            }
            let outside = ranges.filter { !Self.isInsideTailnet($0) }
            return AccessSources(nodes: NodeSet(nodes), places: Set(outside.map(\.description)))
        default:
            return AccessSources(nodes: members[Int(id)])
        }
    }

    /// Whether only nodes have addresses in `range`.
    private static func isInsideTailnet(_ range: AddressRange) -> Bool {
        tailnetRanges.contains { $0.contains(range.first) && $0.contains(range.last) }
    }

    private static let tailnetRanges = ["100.64.0.0/10", "fd7a:115c:a1e0::/48"].compactMap { AddressRange(text: $0) }
}
