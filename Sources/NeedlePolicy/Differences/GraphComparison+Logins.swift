// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

extension GraphComparison {
    /// One rule of `ssh` at some destination.
    private struct Entry: Hashable {
        let isCheck: Bool
        let period: SSHCheckPeriod?
        let users: [String]
        let sources: NodeSet

        /// Whether one may log in as `user` by it.
        func lets(_ user: String) -> Bool {
            if users.contains(user) { return true }
            return user != "root" && SSHLocalpart.domain(of: user) == nil && users.contains(Autogroup.nonroot.rawValue)
        }
    }

    /// A way to log in.
    private struct Way: Hashable {
        let user: String
        let isCheck: Bool
        let period: SSHCheckPeriod?

        private var isNonroot: Bool { user == Autogroup.nonroot.rawValue }

        var text: String {
            let name = isNonroot ? "any user but root" : user
            guard isCheck else { return "log-in as \(name)" }
            return switch period {
            case nil: "log-in as \(name), after a check"
            case .always: "log-in as \(name), after a check each time"
            case .after(let nanoseconds):
                "log-in as \(name), after a check every \(GoDuration(nanoseconds: nanoseconds))"
            }
        }

        /// The ways in words, without those that another one includes.
        static func texts(_ ways: [Way]) -> [String] {
            ways.filter { way in
                guard way.user != "root", !way.isNonroot, SSHLocalpart.domain(of: way.user) == nil else { return true }
                return !ways.contains { $0.isNonroot && $0.isCheck == way.isCheck && $0.period == way.period }
            }.map(\.text)
        }
    }

    /// Who may log in to whom as whom, before or after but not both.
    func loginChanges() -> Gathered {
        var gathered: Gathered = [:]
        guard !old.compiled.ssh.isEmpty || !new.compiled.ssh.isEmpty else { return gathered }
        let before = entries(old)
        let after = entries(new)
        for kind in classes {
            compare(
                Self.entries(before, at: kind.first, old),
                Self.entries(after, at: kind.first, new),
                to: AccessSources(nodes: kind.nodes),
                &gathered
            )
        }
        let isSelf = { (entry: CompiledPolicy.SSHEntry) in entry.reachesSelf }
        compare(
            before.filter { isSelf($0.compiled) }.map { owned($0.entry, old) },
            after.filter { isSelf($0.compiled) }.map { owned($0.entry, new) },
            to: Self.ownDevices,
            &gathered
        )
        return gathered
    }

    private typealias Entries = [(entry: Entry, compiled: CompiledPolicy.SSHEntry)]

    private func entries(_ graph: PolicyGraph) -> Entries {
        graph.compiled.ssh.map { ssh in
            let sources = graph.union(ssh.sources)
            return (Entry(isCheck: ssh.isCheck, period: ssh.checkPeriod, users: ssh.users, sources: sources), ssh)
        }
    }

    private static func entries(_ all: Entries, at slot: NodeSlot, _ graph: PolicyGraph) -> [Entry] {
        guard let node = graph.node(slot) else { return [] }
        let selectors = Set(graph.nodeClass(node).selectors)
        return all.filter { $0.compiled.destinations.contains(where: selectors.contains) }.map(\.entry)
    }

    /// Only nodes that have a user have devices of the same one.
    private func owned(_ entry: Entry, _ graph: PolicyGraph) -> Entry {
        let owned = graph.ownNodes.values.reduce(into: NodeSet()) { $0.formUnion($1) }
        return Entry(
            isCheck: entry.isCheck,
            period: entry.period,
            users: entry.users,
            sources: entry.sources.intersection(owned)
        )
    }

    private func compare(_ before: [Entry], _ after: [Entry], to destination: AccessSources, _ gathered: inout Gathered)
    {
        let changed = Set(before).symmetricDifference(after)
        guard !changed.isEmpty else { return }
        let users = Set(changed.flatMap(\.users))
        compare(Self.ways(before, users), Self.ways(after, users), to: destination, &gathered, texts: Way.texts)
    }

    /// By way to log in, who may; rules that check come first, as they do for nodes, and then the first one counts.
    private static func ways(_ entries: [Entry], _ users: Set<String>) -> [Way: AccessSources] {
        var result: [Way: AccessSources] = [:]
        let ordered = entries.filter(\.isCheck) + entries.filter { !$0.isCheck }
        for user in users {
            var decided = NodeSet()
            for entry in ordered where entry.lets(user) {
                let sources = entry.sources.subtracting(decided)
                decided.formUnion(sources)
                guard !sources.isEmpty else { continue }
                let way = Way(user: user, isCheck: entry.isCheck, period: entry.isCheck ? entry.period : nil)
                result[way, default: AccessSources()].nodes.formUnion(sources)
            }
        }
        return result
    }
}
