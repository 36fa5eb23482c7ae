// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a comparison of two servers found.
package struct ComparisonReport: Codable, Equatable, Sendable {
    /// One difference, with the clients that it concerns.
    package struct Difference: Codable, Equatable, Sendable {
        /// What it is about: `peers`, `allowed addresses`, `packet filter`, `capabilities`, `SSH rules`, `DNS`.
        package var subject: String
        /// What differs.
        package var text: String
        /// How many clients it concerns.
        package var clients: Int
        /// One of them.
        package var example: String
    }

    /// `same`, or a sentence.
    package var outcome: String
    /// Clients that were compared.
    package var nodes: Int
    /// Clients for which everything is the same.
    package var same: Int
    /// How many clients differ in what.
    package var clientsBySubject: [String: Int]
    /// The differences that concern the most clients.
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
        case differences
        case differenceCount = "difference_count"
        case failures
    }

    /// Differences that are listed.
    static let differencesMax = 200
    private static let shownMax = 25

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
        let sorted = clients.sorted { left, right in
            (right.value.count, left.key.subject.rawValue, left.key.text)
                < (left.value.count, right.key.subject.rawValue, right.key.text)
        }
        differences = sorted.prefix(Self.differencesMax).map { difference, clients in
            Difference(
                subject: difference.subject.rawValue,
                text: difference.text,
                clients: clients.count,
                example: clients.min() ?? ""
            )
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
        }
        for difference in differences.prefix(Self.shownMax) {
            let others = difference.clients > 1 ? " and \(difference.clients - 1) more" : ""
            lines.append("  \(difference.subject), \(difference.example)\(others): \(difference.text)")
        }
        if differenceCount > Self.shownMax { lines.append("  and \(differenceCount - Self.shownMax) more differences") }
        for (client, text) in failures.sorted(by: { $0.key < $1.key }).prefix(Self.shownMax) {
            lines.append("\(client) could not be compared: \(text)")
        }
        return lines.joined(separator: "\n")
    }
}
