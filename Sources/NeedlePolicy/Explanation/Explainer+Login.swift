// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

extension Explainer {
    /// Answers for whom one may log in as, if that was asked.
    mutating func explainLogin() {
        guard let user = question.user else { return }
        guard case .node(let slot) = question.to, let node = graph.node(slot), let target else {
            result.notes.append("only nodes can be logged in to by Tailscale SSH")
            result.login = PolicyExplanation.Login(user: user, verdict: .denied)
            return
        }
        let deciding = decidingEntry(for: user, at: node, slot)
        var login = PolicyExplanation.Login(
            user: user,
            verdict: deciding.map { graph.compiled.ssh[$0].isCheck ? .checked : .accepted } ?? .denied
        )
        for (index, entry) in graph.policy.syntax.ssh.enumerated() {
            let from = source.match(entry.sources, entry.postures)
            let to = entry.destinations.lazy.compactMap { [source] in target.match($0.value, owner: source.owner) }
                .first
            let made = { [self] in rule(place(of: index), from?.match, to, Self.allows(entry), from?.obstacle) }
            switch (from, to) {
            case _ where index == deciding: login.rule = made()
            case (.some, .some): login.otherUsers.append(made)
            case (.some, nil): login.otherDestinations.append(made)
            case (nil, .some): login.otherSources.append(made)
            case (nil, nil): break
            }
        }
        result.login = login
    }

    /// The index of the rule that a node with SSH would go by: those that check come first.
    private func decidingEntry(for user: String, at node: PolicyGraph.Node, _ slot: NodeSlot) -> Int? {
        let entries = graph.compiled.ssh
        let addresses = Set(source.addresses.map(\.description))
        let order = entries.indices.filter { entries[$0].isCheck } + entries.indices.filter { !entries[$0].isCheck }
        return order.first { index in
            graph.rules(of: entries[index], at: node, slot, "").contains { rule in
                rule.principals.contains { addresses.contains($0.nodeIP) } && Self.lets(user, in: rule)
            }
        }
    }

    private static func lets(_ user: String, in rule: SSHRule) -> Bool {
        let local = rule.sshUsers[user] ?? (user == "root" ? nil : rule.sshUsers["*"])
        return local?.isEmpty == false
    }

    private func place(of index: Int) -> RuleText.Place {
        RuleText.Place(section: "ssh", number: index + 1, offset: graph.policy.syntax.ssh[index].offset)
    }

    private static func allows(_ entry: PolicySyntax.SSHEntry) -> String {
        let users = entry.users.map(\.value).joined(separator: ", ")
        return "log-in as \(users)" + (entry.action == "check" ? ", after a check" : "")
    }
}
