// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// What a policy says about all nodes that lie in the same selectors, whoever else there is.
///
/// What follows from a single selector, such as the parts of packet filters, is kept by selector and not here.
final class NodeClass: Sendable {
    /// In rising order.
    let selectors: [SelectorID]
    /// What the edges at the selectors lead to and come from.
    let ends: EdgeEnds
    /// Whether the class is a source of an edge to `autogroup:self`.
    let isSelfSource: Bool
    /// Whether the packet filter names the subnets in force.
    let readsSubnets: Bool
    let routes: RouteAccess
    /// Attributes that `nodeAttrs` gives.
    let attributes: CapMap

    /// - Complexity: O(selectors × ``CompiledPolicy/wideEdgesMin`` + selectors that there are / 64).
    init(_ selectors: [SelectorID], in policy: CompiledPolicy) {
        self.selectors = selectors
        ends = policy.ends(of: selectors)
        isSelfSource = selectors.contains { policy.selfSources.contains($0) }
        readsSubnets = selectors.contains { policy.readsSubnets.contains($0) }
        routes = RouteAccess(ends, in: policy)
        attributes = Self.attributes(selectors, policy)
    }

    /// Whether a node of this class and one of `other` may see each other by rules that are not about a user's own.
    func sees(_ other: NodeClass) -> Bool {
        other.selectors.contains { ends.reaches.contains($0) || ends.reachedFrom.contains($0) }
    }

    /// Whether the nodes of this class stand in the packet filters of `other`.
    func feeds(_ other: NodeClass) -> Bool { other.selectors.contains { ends.feeds.contains($0) } }

    private static func attributes(_ selectors: [SelectorID], _ policy: CompiledPolicy) -> CapMap {
        var result: CapMap = policy.randomizesClientPort ? ["randomize-client-port": []] : [:]
        if policy.disablesIPv4 { result["disable-ipv4"] = [] }
        for index in policy.attributeEntries(of: selectors) {
            for (name, values) in policy.nodeAttributes[index].attributes {
                result[name, default: []] += values
                guard name == "funnel" else { continue }
                result["https://tailscale.com/cap/funnel-ports?ports=443,8443,10000"] = []
                result["https://tailscale.com/cap/warn-funnel-no-https"] = []
            }
        }
        return result
    }
}
