// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

extension PolicyChecks {
    func run(_ test: PolicySyntax.SSHTest, _ collector: inout FindingCollector) {
        guard !test.accept.isEmpty || !test.deny.isEmpty || !test.check.isEmpty else {
            return Self.fail("an SSH test needs accept, deny or check", at: test.offset, &collector)
        }
        guard let source = resolve(test.source), !source.isEmpty else {
            return Self.fail("source \"\(test.source)\" stands for nobody", at: test.offset, &collector)
        }
        let addresses = source.nodes.flatMap { graph.node($0)?.addresses ?? [] } + source.ranges.map(\.description)
        for destination in test.destinations {
            let nodes = nodes(named: destination.value.trimmingBlanks, from: source)
            guard !nodes.isEmpty else {
                Self.fail("\"\(destination.value)\" stands for no node", at: destination.offset, &collector)
                continue
            }
            for slot in nodes { check(test, addresses, at: slot, &collector) }
        }
    }

    /// The nodes that a destination names.
    ///
    /// Recorded behaviour: a bare IPv6 address names none, though an IPv4 address and a host do.
    private func nodes(named text: String, from source: ResolvedAlias) -> NodeSet {
        if text == Autogroup.selfDevices.rawValue {
            let users = Set(
                source.nodes.compactMap { graph.node($0)?.facts }.filter { !$0.isTagged }.compactMap { $0.user?.id }
            )
            return users.count == 1 ? users.first.flatMap { graph.ownNodes[$0] } ?? NodeSet() : NodeSet()
        }
        if IPAddress(text: text)?.family == .v6 { return NodeSet() }
        guard let alias = resolve(text) else { return NodeSet() }
        let addressed = graph.everyone.filter { slot in
            graph.node(slot)?.reach.addresses.contains { address in
                alias.ranges.contains { $0.contains(address) }
            } ?? false
        }
        return alias.nodes.union(NodeSet(addressed))
    }

    private func check(
        _ test: PolicySyntax.SSHTest,
        _ addresses: [String],
        at slot: NodeSlot,
        _ collector: inout FindingCollector
    ) {
        let policy = graph.sshPolicy(of: slot, checkURL: "")
        func fail(_ user: String, _ expectation: String) {
            Self.fail("\(test.source) as \"\(user)\": \(expectation)", at: test.offset, &collector)
        }
        for user in test.accept where !addresses.allSatisfy({ Self.access(policy, $0, user).isAccepted }) {
            fail(user, "expected to be accepted, is denied")
        }
        for user in test.deny where addresses.contains(where: { Self.access(policy, $0, user).isAccepted }) {
            fail(user, "expected to be denied, is accepted")
        }
        for user in test.check where !addresses.allSatisfy({ Self.access(policy, $0, user).isChecked }) {
            fail(user, "expected to be checked, is not")
        }
    }

    /// Whether any rule lets `address` in as `user`, and whether one does so after a check.
    private static func access(
        _ policy: SSHPolicy?,
        _ address: String,
        _ user: String
    ) -> (isAccepted: Bool, isChecked: Bool) {
        var result = (isAccepted: false, isChecked: false)
        guard !user.isEmpty else { return result }
        for rule in policy?.rules ?? [] where rule.principals.contains(where: { $0.nodeIP == address }) {
            let local = rule.sshUsers[user] ?? (user == "root" ? nil : rule.sshUsers["*"])
            guard let local, !local.isEmpty else { continue }
            result.isAccepted = true
            if rule.action?.holdAndDelegate.isEmpty == false { result.isChecked = true }
        }
        return result
    }
}
