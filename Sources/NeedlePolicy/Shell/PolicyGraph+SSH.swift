// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

extension PolicyGraph {
    /// Who may log in to the node at `slot` by Tailscale SSH; nothing when nobody may.
    ///
    /// `checkURL` is where nodes ask whether a connection that has to be checked may go on.
    package func sshPolicy(of slot: NodeSlot, checkURL: String) -> SSHPolicy? {
        guard !compiled.ssh.isEmpty, let node = node(slot) else { return nil }
        var checks: [SSHRule] = []
        var accepts: [SSHRule] = []
        for entry in compiled.ssh {
            let rules = rules(of: entry, at: node, slot, checkURL)
            if entry.isCheck { checks += rules } else { accepts += rules }
        }
        let rules = checks + accepts
        return rules.isEmpty ? nil : SSHPolicy(rules: rules)
    }

    /// What `entry` says at `node`.
    func rules(
        of entry: CompiledPolicy.SSHEntry,
        at node: Node,
        _ slot: NodeSlot,
        _ checkURL: String
    ) -> [SSHRule] {
        let sources = union(entry.sources)
        guard !sources.isEmpty else { return [] }
        var builder = SSHRuleBuilder(entry: entry, action: action(of: entry, checkURL))
        let isDestination = union(entry.destinations).contains(slot)
        let owner = node.facts.isTagged ? nil : node.facts.user
        if entry.reachesSelf, let owner {
            builder.append(texts(of: sources.intersection(ownNodes[owner.id] ?? NodeSet())), owner)
        }
        if isDestination {
            appendAll(of: sources, to: &builder)
        } else if builder.hasLocalpart, !entry.destinations.isEmpty, sources.contains(slot) {
            // Recorded behaviour: with `localpart:`, sources get the rule for their own user's devices, too.
            if let owner {
                builder.append(texts(of: sources.intersection(ownNodes[owner.id] ?? NodeSet())), owner)
            } else {
                builder.append(node.addresses, nil)
            }
        }
        return builder.rules
    }

    /// Rules for everyone: user by user when the name to log in with depends on the user.
    private func appendAll(of sources: NodeSet, to builder: inout SSHRuleBuilder) {
        var users: [UserID: (user: UserFacts, texts: [String])] = [:]
        var tagged: [String] = []
        for slot in sources {
            guard let node = node(slot) else { continue }
            if node.facts.isTagged {
                // Recorded behaviour: a node stands here once for each of its tags.
                for _ in node.facts.tags { tagged += node.addresses }
            } else if let user = node.facts.user {
                users[user.id, default: (user, [])].texts += node.addresses
            }
        }
        let sorted = users.values.sorted { $0.user.id < $1.user.id }
        guard builder.hasLocalpart else {
            builder.append(sorted.flatMap(\.texts) + tagged, nil)
            return
        }
        for (user, texts) in sorted { builder.append(texts, user) }
        builder.append(tagged, nil)
    }

    private func texts(of nodes: NodeSet) -> [String] { nodes.flatMap { node($0)?.addresses ?? [] } }

    func union(_ selectors: [SelectorID]) -> NodeSet {
        selectors.reduce(into: NodeSet()) { $0.formUnion(members[Int($1)]) }
    }

    private func action(of entry: CompiledPolicy.SSHEntry, _ checkURL: String) -> SSHAction {
        var action = SSHAction()
        if entry.isCheck {
            action.holdAndDelegate =
                checkURL + "/machine/ssh/action/$SRC_NODE_ID/to/$DST_NODE_ID?local_user=$LOCAL_USER"
        } else {
            action.accept = true
            action.allowAgentForwarding = true
            action.allowLocalPortForwarding = true
            action.allowRemotePortForwarding = true
        }
        guard !entry.recorders.isEmpty else { return action }
        action.recorders = union(entry.recorders).flatMap { slot in
            (node(slot)?.reach.addresses ?? []).map { Endpoint(address: $0, port: Self.recorderPort) }
        }
        if entry.enforceRecorder {
            action.onRecordingFailure = SSHRecorderFailureAction(
                rejectSessionWithMessage: "this session has to be recorded, and no recorder can be reached",
                terminateSessionWithMessage: "this session has to be recorded, and the recorder is gone"
            )
        }
        return action
    }

    /// Where session recorders listen.
    private static var recorderPort: UInt16 { 80 }
}
