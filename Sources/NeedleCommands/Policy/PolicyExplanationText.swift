// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy

/// How an explanation reads.
struct PolicyExplanationText {
    typealias Explanation = PolicyExplanation

    /// Of each kind of rule that misses, as many are shown.
    private static let missesMax = 5

    let explanation: Explanation
    let style: TextStyle

    var text: String {
        ([verdict] + explanation.notes.map { "note: " + TerminalText.printable($0) } + rules + login).joined(
            separator: "\n"
        )
            + "\n"
    }

    private var from: String { end(explanation.from) }
    private var to: String { end(explanation.to) }

    private func end(_ end: Explanation.End) -> String {
        TerminalText.printable(end.owner.map { "\(end.name) (\($0))" } ?? end.name)
    }

    private var verdict: String {
        let traffic = explanation.traffic.isEmpty ? "" : " on \(explanation.traffic)"
        guard explanation.isAllowed else { return style.apply(.bad, to: "\(from) may not reach \(to)\(traffic).") }
        return style.apply(.good, to: "\(from) may reach \(to)\(traffic)\(whatFor).")
    }

    /// For what, when the question was open.
    private var whatFor: String {
        let allowed = explanation.allowing.rules.map(\.allows)
        guard explanation.traffic.isEmpty, let first = allowed.first else { return "" }
        let others = allowed.dropFirst().filter { $0 != first }
        if allowed.contains("everything") { return " for everything" }
        return " for \(first)" + (others.isEmpty && explanation.allowing.total == allowed.count ? "" : " and more")
    }

    // MARK: - Rules

    private var rules: [String] {
        let names = (
            from: TerminalText.printable(explanation.from.name), to: TerminalText.printable(explanation.to.name)
        )
        var lines = section("allowed by", explanation.allowing, Explanation.Rules.rulesMax)
        if !explanation.isAllowed {
            lines += section("between the two, but for other traffic", explanation.otherTraffic)
            lines += section(
                "between the two, but with a posture that \(names.from) does not meet",
                explanation.unmetPostures
            )
            lines += section("from \(names.from), but to others", explanation.otherDestinations)
            lines += section("to \(names.to), but from others", explanation.otherSources)
            if lines.isEmpty { lines = ["", "No rule is about either of them."] }
        }
        return lines + section("capabilities are granted by", explanation.capabilities)
    }

    private func section(_ title: String, _ rules: Explanation.Rules, _ max: Int = missesMax) -> [String] {
        guard !rules.rules.isEmpty else { return [] }
        var lines = ["", style.apply(.heading, to: title)]
        for rule in rules.rules.prefix(max) { lines += self.lines(of: rule) }
        let rest = rules.total - min(max, rules.rules.count)
        if rest > 0 { lines.append("  … and \(rest) more") }
        return lines
    }

    private func lines(of rule: Explanation.Rule) -> [String] {
        var lines = ["  line \(rule.line), \(rule.section) \(rule.number): \(TerminalText.printable(rule.text))"]
        func add(_ title: String, _ text: String) {
            lines.append(style.apply(.faint, to: "    \(title) \(TerminalText.printable(text))"))
        }
        if let from = rule.from { add("from", "\(from.name): \(from.reason)") }
        if let to = rule.to { add("to", "\(to.name): \(to.reason)") }
        if !rule.allows.isEmpty { add("for", rule.allows) }
        if let obstacle = rule.obstacle { add("but", obstacle) }
        return lines
    }

    // MARK: - SSH

    private var login: [String] {
        guard let login = explanation.login else { return [] }
        let user = TerminalText.printable(login.user)
        let verdict =
            switch login.verdict {
            case .accepted: style.apply(.good, to: "Tailscale SSH lets \(from) log in to \(to) as \(user).")
            case .checked:
                style.apply(.good, to: "Tailscale SSH lets \(from) log in to \(to) as \(user), after a check.")
            case .denied: style.apply(.bad, to: "Tailscale SSH does not let \(from) log in to \(to) as \(user).")
            }
        var lines = ["", verdict]
        if login.verdict != .denied, !explanation.isAllowed {
            lines.append("note: the packet filter stands before that, and lets nothing through")
        }
        if let rule = login.rule { lines += section("decided by", .init(rule)) }
        guard login.verdict == .denied else { return lines }
        lines += section("between the two, but for other users", login.otherUsers)
        lines += section(
            "from \(TerminalText.printable(explanation.from.name)), but to others",
            login.otherDestinations
        )
        lines += section("to \(TerminalText.printable(explanation.to.name)), but from others", login.otherSources)
        return lines
    }
}
