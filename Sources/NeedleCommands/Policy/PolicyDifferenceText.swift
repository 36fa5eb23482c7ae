// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy

/// How a difference between policies reads.
struct PolicyDifferenceText {
    typealias Difference = PolicyDifference

    /// Of nodes that have too few names in common, as many are named.
    private static let examplesMax = 3

    let difference: Difference
    let style: TextStyle

    var text: String {
        guard !difference.isEmpty else { return "nothing changes for the \(count(difference.nodes)) that there are\n" }
        let lines =
            section("packets", difference.access, line)
            + section("log-ins by Tailscale SSH", difference.logins, line)
            + section("capabilities", difference.capabilities, line)
            + section("node attributes", difference.attributes, line)
            + section("routes in force", difference.routes, line)
            + section("routers", difference.routers, line)
        return lines.joined(separator: "\n") + "\n"
    }

    private func section<Change>(
        _ title: String,
        _ changes: Difference.Changes<Change>,
        _ line: (Change) -> String
    ) -> [String] {
        guard !changes.isEmpty else { return [] }
        let rest = changes.total - changes.changes.count
        return [style.apply(.heading, to: title)] + changes.changes.map { "  " + line($0) }
            + (rest > 0 ? ["  … and \(rest) more for fewer nodes"] : [])
    }

    private func line(_ change: Difference.Change) -> String {
        let except = change.exceptOwnDevices ? " (not between devices of one user)" : ""
        return marked(
            change.isGained,
            "\(text(change.from)) → \(text(change.to)): \(change.what.joined(separator: "; "))\(except)"
        )
    }

    private func line(_ change: Difference.NodeChange) -> String {
        marked(change.isGained, "\(text(change.nodes)): \(change.what.joined(separator: ", "))")
    }

    private func line(_ change: Difference.RouterChange) -> String {
        TerminalText.printable(
            "~ \(text(change.viewers)): \(change.route) through \(change.new) instead of \(change.old)"
        )
    }

    private func marked(_ isGained: Bool, _ text: String) -> String {
        style.apply(isGained ? .good : .bad, to: (isGained ? "+ " : "- ") + TerminalText.printable(text))
    }

    // MARK: - Parties

    private func text(_ party: Difference.Party) -> String {
        guard party.more == 0 else {
            // Names that do not say it all are only examples.
            let examples =
                party.names.isEmpty ? "" : ", such as \(list(party.names.prefix(Self.examplesMax).map(text)))"
            return list([count(party.nodes)] + party.places) + examples
        }
        var parts = party.names.map(text)
        if !party.except.isEmpty { parts = ["\(list(parts)) except \(list(party.except.map(text)))"] }
        return list(parts + party.places)
    }

    private func text(_ name: Difference.Party.Name) -> String {
        name.nodes == 1 ? name.name : "\(name.name) (\(count(name.nodes)))"
    }

    private func list(_ parts: [String]) -> String { parts.joined(separator: ", ") }

    private func count(_ nodes: Int) -> String { nodes == 1 ? "1 node" : "\(nodes) nodes" }
}
