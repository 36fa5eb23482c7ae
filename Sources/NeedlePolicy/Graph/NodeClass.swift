// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// What a policy says about all nodes that lie in the same selectors, whoever else there is.
struct NodeClass: Sendable {
    /// Packets from one list of sources by one set of protocols, to some of the class's selectors.
    struct PacketGroup: Sendable {
        let name: String
        let order: Int
        let sources: Int
        let protocols: [Int]
        var entries: [(destination: SelectorID, ports: [PortRange])]
    }

    /// Capabilities of one list of sources; `destinations` are those of the class's selectors that the rule names.
    struct CapabilityGroup: Sendable {
        let name: String
        let order: Int
        let sources: Int
        let capabilities: CapMap
        let destinations: [SelectorID]
    }

    /// In rising order.
    let selectors: [SelectorID]
    /// Selectors whose edges lead to this class, and those that edges of this class lead to.
    let reachedFrom: [SelectorID]
    let reaches: [SelectorID]
    private(set) var packets: [PacketGroup] = []
    private(set) var capabilities: [CapabilityGroup] = []
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
        collect(inside, policy)
    }

    private mutating func collect(_ inside: Set<SelectorID>, _ policy: CompiledPolicy) {
        var groups: [PacketKey: Int] = [:]
        let indices = Set(selectors.flatMap { policy.edgesTo[Int($0)] }).sorted()
        for index in indices {
            let edge = policy.edges[index]
            let destinations = edge.destinations.filter(inside.contains)
            switch edge.payload {
            case .capabilities(let capabilities):
                self.capabilities.append(
                    CapabilityGroup(
                        name: edge.name,
                        order: edge.order,
                        sources: edge.sources,
                        capabilities: capabilities,
                        destinations: destinations
                    )
                )
            case .packets(let protocols, let ports):
                let key = PacketKey(sources: edge.sources, protocols: protocols)
                let entries = destinations.map { ($0, ports) }
                if let group = groups[key] {
                    packets[group].entries += entries
                } else {
                    groups[key] = packets.count
                    packets.append(
                        PacketGroup(
                            name: edge.name,
                            order: edge.order,
                            sources: edge.sources,
                            protocols: protocols,
                            entries: entries
                        )
                    )
                }
            }
        }
    }

    private struct PacketKey: Hashable {
        let sources: Int
        let protocols: [Int]
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
