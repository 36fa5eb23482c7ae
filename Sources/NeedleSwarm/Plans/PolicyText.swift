// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A policy under construction, and its text.
struct PolicyText {
    /// One entry of `acls`.
    struct Rule: Equatable {
        var sources: [String]
        /// Each with its ports.
        var destinations: [String]
    }

    /// Names without `group:`, in the order in which they were made, and users.
    var groups: [(name: String, users: [String])] = []
    /// Names without `tag:`.
    var tags: [String] = []
    /// Names and prefixes.
    var hosts: [(name: String, prefix: String)] = []
    var rules: [Rule] = []

    /// The policy as JSON, one rule a line.
    ///
    /// Nothing that a plan calls something needs escaping.
    var text: String {
        var sections: [String] = []
        if let owner = groups.first {
            sections.append(
                Self.section(
                    "groups",
                    groups.map { "\(Self.quoted("group:" + $0.name)): \(Self.list($0.users.map { $0 + "@" }))" }
                )
            )
            if !tags.isEmpty {
                let owners = Self.list(["group:" + owner.name])
                sections.append(Self.section("tagOwners", tags.map { "\(Self.quoted("tag:" + $0)): \(owners)" }))
            }
        }
        if !hosts.isEmpty {
            sections.append(
                Self.section("hosts", hosts.map { "\(Self.quoted($0.name)): \(Self.quoted($0.prefix))" })
            )
        }
        let lines = rules.map { rule in
            #"  {"action": "accept", "src": \#(Self.list(rule.sources)), "dst": \#(Self.list(rule.destinations))}"#
        }
        sections.append(" \"acls\": [\n\(lines.joined(separator: ",\n"))\n ]")
        return "{\n\(sections.joined(separator: ",\n"))\n}\n"
    }

    private static func section(_ name: String, _ members: [String]) -> String {
        " \(quoted(name)): {\n  \(members.joined(separator: ",\n  "))\n }"
    }

    private static func quoted(_ text: String) -> String { "\"\(text)\"" }

    private static func list(_ texts: [String]) -> String {
        "[\(texts.map(quoted).joined(separator: ", "))]"
    }
}
