// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// What a policy says about all nodes that lie in the same selectors, whoever else there is.
struct NodeClass: Sendable {
    /// The edges of one ``CompiledPolicy/PacketGroup`` that lead to the class.
    struct PacketPart: Sendable {
        let group: Int
        let order: Int
        /// Places in ``NodeClass/entries``.
        var entries: Range<Int>
    }

    /// An edge, and the selector of the class that it leads to.
    struct Entry: Sendable {
        let edge: Int32
        let destination: SelectorID
    }

    /// In rising order.
    let selectors: [SelectorID]
    /// Selectors whose edges lead to this class, and those that edges of this class lead to.
    let reachedFrom: [SelectorID]
    let reaches: [SelectorID]
    /// The sources of all edges that lead to this class, companions included.
    private(set) var filterSources: [SelectorID] = []
    /// What lets packets through, and the edges of it, part by part.
    private(set) var packets: [PacketPart] = []
    private(set) var entries: [Entry] = []
    /// The edges that grant capabilities.
    private(set) var capabilities: [Int] = []
    /// Whether the class is a source of an edge to `autogroup:self`.
    let isSelfSource: Bool
    let routes: RouteAccess
    /// Attributes that `nodeAttrs` gives.
    let attributes: CapMap

    init(_ selectors: [SelectorID], in policy: CompiledPolicy) {
        self.selectors = selectors
        let inside = Set(selectors)
        reachedFrom = Set(selectors.flatMap { policy.reachedFrom[Int($0)] }).sorted()
        reaches = Set(selectors.flatMap { policy.reaches[Int($0)] }).sorted()
        isSelfSource = !policy.selfSources.isDisjoint(with: inside)
        routes = RouteAccess(reaches: reaches, reachedFrom: reachedFrom, table: policy.table)
        attributes = Self.attributes(inside, policy)
        collect(policy)
    }

    private mutating func collect(_ policy: CompiledPolicy) {
        var found: [(group: Int, entry: Entry)] = []
        for id in selectors {
            for index in policy.edgesTo[Int(id)] {
                if let group = policy.packetGroupOfEdge[index] {
                    found.append((Int(group), Entry(edge: Int32(index), destination: id)))
                } else {
                    capabilities.append(index)
                }
            }
        }
        capabilities = Set(capabilities).sorted()
        let lists = Set(
            found.map { policy.packetGroups[$0.group].sources } + capabilities.map { policy.edges[$0].sources }
        )
        filterSources = Set(lists.flatMap { policy.sourceLists[$0] }).sorted()
        found.sort { ($0.group, $0.entry.edge, $0.entry.destination) < ($1.group, $1.entry.edge, $1.entry.destination) }
        entries.reserveCapacity(found.count)
        for (group, entry) in found {
            if packets.last?.group != group {
                packets.append(
                    PacketPart(group: group, order: Int(entry.edge), entries: entries.count..<entries.count)
                )
            }
            entries.append(entry)
            packets[packets.count - 1].entries = packets[packets.count - 1].entries.lowerBound..<entries.count
        }
    }

    private static func attributes(_ inside: Set<SelectorID>, _ policy: CompiledPolicy) -> CapMap {
        var result: CapMap = policy.randomizesClientPort ? ["randomize-client-port": []] : [:]
        if policy.disablesIPv4 { result["disable-ipv4"] = [] }
        for entry in policy.nodeAttributes where entry.targets.contains(where: inside.contains) {
            for (name, values) in entry.attributes {
                result[name, default: []] += values
                guard name == "funnel" else { continue }
                result["https://tailscale.com/cap/funnel-ports?ports=443,8443,10000"] = []
                result["https://tailscale.com/cap/warn-funnel-no-https"] = []
            }
        }
        return result
    }
}
