// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON
import NeedleTypes
import NeedleWire

/// Runs the `tests` and `sshTests` of a policy against a graph of it.
///
/// To be run when a policy is set, not when a stored one is loaded: a user who has left since must not keep the server
/// from starting.
package struct PolicyChecks {
    let graph: PolicyGraph

    package init(_ graph: PolicyGraph) {
        self.graph = graph
    }

    /// What fails; empty when all is well.
    package func run() -> [PolicyFinding] {
        var collector = FindingCollector()
        for test in graph.policy.syntax.tests { run(test, &collector) }
        for test in graph.policy.syntax.sshTests { run(test, &collector) }
        return collector.findings(in: graph.policy.text)
    }

    static func fail(_ reason: String, at offset: Int, _ collector: inout FindingCollector) {
        collector.add("test(s) failed: \(reason)", at: offset)
    }

    /// Whom `text` names; nothing if it cannot be read.
    ///
    /// Everybody is meant one by one, so `*` is all nodes.
    func resolve(_ text: String) -> ResolvedAlias? {
        guard let alias = Alias(text) else { return nil }
        switch alias {
        case .everything, .autogroup(.dangerAll): return ResolvedAlias(nodes: graph.everyone)
        case .addresses(let range): return ResolvedAlias(ranges: [range])
        case .host(let name): return graph.policy.syntax.hosts[name].map { ResolvedAlias(ranges: [$0]) }
        case .user(let name): return nodes { $0.user?.policyNames.contains(name.lowercased()) ?? false }
        case .userDomain(let domain):
            return nodes { $0.user?.emailParts?.domain.lowercased() == domain.lowercased() }
        case .group(let name):
            guard let members = graph.compiled.table.groupMembers[name] else { return nil }
            let names = Set(members)
            return nodes { !names.isDisjoint(with: $0.user?.policyNames ?? []) }
        case .tag(let name): return ResolvedAlias(nodes: NodeSet(graph.everyone.filter { has($0, name) }))
        case .autogroup(.tagged): return ResolvedAlias(nodes: NodeSet(graph.everyone.filter { isTagged($0) }))
        case .autogroup(.member): return nodes { $0.user != nil }
        case .autogroup(let autogroup) where autogroup.isIdentity:
            return nodes { $0.user?.role.autogroups.contains(autogroup) ?? false }
        case .autogroup, .ipset, .service: return nil
        }
    }

    private func nodes(where isMeant: (NodeFacts) -> Bool) -> ResolvedAlias {
        ResolvedAlias(
            nodes: NodeSet(
                graph.everyone.filter { slot in
                    graph.node(slot).map { !$0.facts.isTagged && isMeant($0.facts) } ?? false
                }
            )
        )
    }

    private func has(_ slot: NodeSlot, _ tag: String) -> Bool { graph.node(slot)?.facts.tags.contains(tag) ?? false }

    private func isTagged(_ slot: NodeSlot) -> Bool { graph.node(slot)?.facts.isTagged ?? false }
}
