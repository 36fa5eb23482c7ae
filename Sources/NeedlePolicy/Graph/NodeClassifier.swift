// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Finds the selectors, and with them the class, of nodes.
struct NodeClassifier {
    private let remembers: Bool
    private var byUser: [UserID: (user: UserFacts, selectors: [SelectorID])] = [:]
    private var byTags: [[String]: [SelectorID]] = [:]

    /// For many nodes, one that `remembers` what the users and tags of earlier ones stood for.
    init(remembers: Bool) {
        self.remembers = remembers
    }

    /// What is to be kept of a node with `facts`, of which `known` was kept before.
    mutating func node(
        _ facts: NodeFacts,
        _ known: PolicyGraph.Node?,
        _ policy: CompiledPolicy,
        _ classes: inout ClassTable
    ) -> PolicyGraph.Node {
        var selectors = principals(of: facts, policy)
        let count = selectors.count
        policy.table.addOwners(of: facts.addresses, to: &selectors) { $0.append($1) }
        let reach = policy.reach(of: facts, selectors)
        policy.table.complete(&selectors, facts: facts, reach: reach)
        if selectors.count > count { selectors = selectors.sortedUnique() }
        return PolicyGraph.Node(facts, reach, classID: classes.id(of: selectors, in: policy), known: known)
    }

    private mutating func principals(of facts: NodeFacts, _ policy: CompiledPolicy) -> [SelectorID] {
        guard remembers else { return policy.table.principals(of: facts) }
        if facts.isTagged {
            if let known = byTags[facts.tags] { return known }
            let selectors = policy.table.principals(of: facts)
            byTags[facts.tags] = selectors
            return selectors
        }
        guard let user = facts.user else { return policy.table.principals(of: facts) }
        if let known = byUser[user.id], known.user == user { return known.selectors }
        let selectors = policy.table.principals(of: facts)
        byUser[user.id] = (user, selectors)
        return selectors
    }
}

extension CompiledPolicy {
    /// What of the addresses and routes of a node is in force that is in `selectors` for who it is.
    func reach(of facts: NodeFacts, _ selectors: [SelectorID]) -> NodeReach {
        let isIPv4Off = disablesIPv4 || selectors.contains { withoutIPv4.contains($0) }
        var reach = NodeReach(addresses: isIPv4Off ? facts.addresses.filter { $0.family == .v6 } : facts.addresses)
        guard !facts.advertisedRoutes.isEmpty else { return reach }
        let approved = routesToApprove(facts, selectors).union(facts.approvedRoutes)
        let inForce = Set(facts.advertisedRoutes).intersection(approved)
        reach.subnets = inForce.filter { !$0.isDefaultRoute }.sorted()
        reach.isExitNode = inForce.contains { $0.isDefaultRoute }
        return reach
    }

    /// The advertised routes that are approved for a node that is in `selectors` for who it is.
    func routesToApprove(_ facts: NodeFacts, _ selectors: [SelectorID]) -> Set<IPPrefix> {
        guard !facts.advertisedRoutes.isEmpty else { return [] }
        let isExitApproved = exitNodeApprovers.contains(where: selectors.contains)
        let prefixes = routeApprovers.filter { $0.approvers.contains(where: selectors.contains) }.map(\.prefix)
        return Set(
            facts.advertisedRoutes.filter { route in
                route.isDefaultRoute ? isExitApproved : prefixes.contains { $0.contains(route) }
            }
        )
    }
}
