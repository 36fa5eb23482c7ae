// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Whether one end may reach another, and what of the policy's text says so.
///
/// Made by ``PolicyGraph/explain(_:names:)``. Everything in it is text and numbers, so that a server can send it and
/// whoever asked can show it.
package struct PolicyExplanation: Codable, Equatable, Sendable {
    /// One of the two.
    package struct End: Codable, Equatable, Sendable {
        /// A node's name, or an address.
        package let name: String
        /// The user or the tags; absent for what is no node.
        package let owner: String?
        package let addresses: [String]
    }

    /// One rule of the text, and how it is about the two ends.
    package struct Rule: Codable, Equatable, Sendable {
        /// `acls`, `grants` or `ssh`.
        package let section: String
        /// Its place in that section, from 1.
        package let number: Int
        /// The line where it begins, from 1.
        package let line: Int
        /// The rule in one line, shortened if it is long.
        package let text: String
        /// What it says about whom it is from; absent when it is not about the first end.
        package let from: Match?
        /// What it says about whom it is to; absent when it is not about the second end.
        package let to: Match?
        /// What it lets through: ports, capabilities or users.
        package let allows: String
        /// What stands in its way, such as a posture that is not met.
        package let obstacle: String?
    }

    /// The name in a rule that one end goes by.
    package struct Match: Codable, Equatable, Sendable {
        /// As the rule has it, such as `group:eng`.
        package let name: String
        /// Why the end is in it.
        package let reason: String
    }

    /// Some of the rules of one kind.
    package struct Rules: Codable, Equatable, Sendable {
        /// The first of them.
        package internal(set) var rules: [Rule] = []
        /// How many there are.
        package internal(set) var total = 0

        /// As many are kept; who asks about a policy of thousands of rules does not want to read them all.
        package static let rulesMax = 20

        package init() {}

        /// One rule alone.
        package init(_ rule: Rule) {
            rules = [rule]
            total = 1
        }

        /// Adds a rule that is made only if it is kept.
        mutating func append(_ make: () -> Rule) {
            total += 1
            if rules.count < Self.rulesMax { rules.append(make()) }
        }
    }

    /// Whether the first end may log in to the second.
    package struct Login: Codable, Equatable, Sendable {
        /// How it ends.
        package enum Verdict: String, Codable, Sendable {
            case accepted
            /// After the user has proved again who they are.
            case checked
            case denied
        }

        /// The name to log in with.
        package let user: String
        package let verdict: Verdict
        /// The rule that decides; absent when none does.
        package internal(set) var rule: Rule?
        /// Rules from the first end to the second for other names.
        package internal(set) var otherUsers = Rules()
        package internal(set) var otherDestinations = Rules()
        package internal(set) var otherSources = Rules()
    }

    package let from: End
    package let to: End
    /// What was asked about, such as `tcp port 22`; empty for anything at all.
    package let traffic: String
    /// Whether the first end may send this traffic to the second.
    package internal(set) var isAllowed = false
    /// The node that the way leads through, when the second end is behind one.
    package internal(set) var through: String?
    /// The rules that allow it.
    package internal(set) var allowing = Rules()
    /// Rules between the two that grant capabilities.
    package internal(set) var capabilities = Rules()
    /// Rules between the two for other ports or protocols.
    package internal(set) var otherTraffic = Rules()
    /// Rules between the two whose postures the first end does not meet.
    package internal(set) var unmetPostures = Rules()
    /// Rules from the first end, to others.
    package internal(set) var otherDestinations = Rules()
    /// Rules to the second end, from others.
    package internal(set) var otherSources = Rules()
    /// What else decides, sentence by sentence: routes that are missing, nodes that are the same, and so on.
    package internal(set) var notes: [String] = []
    /// The answer about SSH, if that was asked.
    package internal(set) var login: Login?

    init(from: End, to: End, traffic: String) {
        self.from = from
        self.to = to
        self.traffic = traffic
    }
}
