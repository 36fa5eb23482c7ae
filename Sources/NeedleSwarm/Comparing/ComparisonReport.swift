// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a comparison of two servers found.
package struct ComparisonReport: Codable, Equatable, Sendable {
    /// One difference, with the clients that it concerns.
    package struct Difference: Codable, Equatable, Sendable {
        /// What it is about: `peers`, `allowed addresses`, `packet filter`, `capabilities`, `SSH rules`, `DNS`.
        package var subject: String
        /// In which way, the same for many.
        package var kind: String
        /// What differs.
        package var text: String
        /// How many clients it concerns.
        package var clients: Int
        /// One of them.
        package var example: String
    }

    /// The differences of one kind, counted.
    package struct Kind: Codable, Equatable, Sendable {
        /// What they are about.
        package var subject: String
        /// In which way it differs.
        package var kind: String
        /// How many there are.
        package var differences: Int
        /// How many clients have at least one of them.
        package var clients: Int
    }

    /// `same`, or a sentence.
    package var outcome: String
    /// Clients that were compared.
    package var nodes: Int
    /// Clients for which everything is the same.
    package var same: Int
    /// How many clients differ in what.
    package var clientsBySubject: [String: Int]
    /// The differences by kind, those first that concern the most clients.
    package var kinds: [Kind]
    /// Of each kind, the differences that concern the most clients.
    package var differences: [Difference]
    /// How many there are.
    package var differenceCount: Int
    /// Clients that could not be compared, and why.
    package var failures: [String: String]

    enum CodingKeys: String, CodingKey {
        case outcome
        case nodes
        case same
        case clientsBySubject = "clients_by_subject"
        case kinds
        case differences
        case differenceCount = "difference_count"
        case failures
    }

    /// Differences of one kind that are listed.
    static let differencesMax = 50
    /// Differences of one kind that people are shown.
    private static let shownMax = 5
    /// Clients that could not be compared that people are shown.
    private static let failuresShownMax = 25

    /// Whether nothing differs.
    package var isSame: Bool { outcome == Self.sameOutcome }

    static let sameOutcome = "same"

    /// Puts differences that many clients have into one line each.
    init(_ found: [(client: String, differences: [MapDifference])], failures: [String: String]) {
        var clients: [MapDifference: [String]] = [:]
        var bySubject: [String: Int] = [:]
        for (client, differences) in found {
            for difference in differences { clients[difference, default: []].append(client) }
            for subject in Set(differences.map(\.subject)) { bySubject[subject.rawValue, default: 0] += 1 }
        }
        nodes = found.count + failures.count
        same = found.filter(\.differences.isEmpty).count
        clientsBySubject = bySubject
        differenceCount = clients.count
        let groups = Dictionary(grouping: clients.keys) { [$0.subject.rawValue, $0.kind] }
        kinds = groups.map { name, group in
            let concerned = group.reduce(into: Set<String>()) { $0.formUnion(clients[$1] ?? []) }
            return Kind(subject: name[0], kind: name[1], differences: group.count, clients: concerned.count)
        }.sorted { ($1.clients, $0.subject, $0.kind) < ($0.clients, $1.subject, $1.kind) }
        differences = kinds.flatMap { kind in
            let sorted = (groups[[kind.subject, kind.kind]] ?? []).map { difference in
                let concerned = clients[difference] ?? []
                return Difference(
                    subject: kind.subject,
                    kind: kind.kind,
                    text: difference.text,
                    clients: concerned.count,
                    example: concerned.min() ?? ""
                )
            }.sorted { ($1.clients, $0.text) < ($0.clients, $1.text) }
            return sorted.prefix(Self.differencesMax)
        }
        self.failures = failures
        outcome =
            same == nodes ? Self.sameOutcome : "\(nodes - same) of \(nodes) clients are not told the same"
    }
}

extension ComparisonReport: CustomStringConvertible {
    package var description: String {
        var lines = ["outcome: \(outcome)", "clients: \(nodes), the same for \(same)"]
        for (subject, count) in clientsBySubject.sorted(by: { $0.key < $1.key }) {
            lines.append("\(subject): \(count) clients differ")
            for kind in kinds where kind.subject == subject { lines += text(of: kind) }
        }
        for (client, text) in failures.sorted(by: { $0.key < $1.key }).prefix(Self.failuresShownMax) {
            lines.append("\(client) could not be compared: \(text)")
        }
        if failures.count > Self.failuresShownMax {
            lines.append("and \(failures.count - Self.failuresShownMax) more could not be compared")
        }
        return lines.joined(separator: "\n")
    }

    /// A kind with the first of its differences.
    private func text(of kind: Kind) -> [String] {
        let those = differences.filter { $0.subject == kind.subject && $0.kind == kind.kind }
        var lines = those.prefix(Self.shownMax).map { difference in
            let others = difference.clients > 1 ? " and \(difference.clients - 1) more" : ""
            return "    \(difference.example)\(others): \(difference.text)"
        }
        let rest = kind.differences - lines.count
        if rest > 0 { lines.append("    and \(rest) more of this kind") }
        return ["  \(kind.kind), \(kind.differences) in \(kind.clients) clients:"] + lines
    }
}
