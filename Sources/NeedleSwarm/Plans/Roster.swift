// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import FoundationEssentials

/// The nodes of a fleet, and how many peers each of them must see.
///
/// - Shape: the JSON of `roster.json`; the field names are those of the workloads that other servers were measured with.
package struct Roster: Codable, Equatable, Sendable {
    /// One node.
    package struct Node: Codable, Equatable, Sendable {
        /// The name it gives itself.
        package var hostname: String
        /// The system it says it runs.
        package var osname: String
        /// Whose it is; nil if it is tagged.
        package var user: String?
        /// What it is in place of somebody's, each with its `tag:`.
        package var tags: [String]?
        /// The key it registers with: `user:NAME`, or its tags with commas between them.
        package var key: String
        /// The address that the server has to give it, since the policy names it.
        package var address: String?
        /// Peers that it must see.
        package var expectPeers = 0
        /// Peers that it must see under the second policy.
        package var expectPeers2: Int?

        enum CodingKeys: String, CodingKey {
            case hostname
            case osname
            case user
            case tags
            case key
            case address
            case expectPeers = "expect_peers"
            case expectPeers2 = "expect_peers2"
        }

        init(hostname: String, osname: String, user: String) {
            self.hostname = hostname
            self.osname = osname
            self.user = user
            key = "user:\(user)"
        }

        init(hostname: String, osname: String = "linux", tags: [String]) {
            self.hostname = hostname
            self.osname = osname
            self.tags = tags
            key = tags.joined(separator: ",")
        }
    }

    /// What the fleet was made from: a preset's name, or `policy`.
    package var preset: String
    /// What its random numbers began with.
    package var seed: String
    /// The port that the second policy opens on every node; nil if there is no second policy of that kind.
    package var markerPort: Int?
    /// The users, each with at most 63 letters, digits, dots, hyphens and underscores.
    package var users: [String]
    /// The users' e-mail addresses, where a policy names them by these.
    package var emails: [String: String]?
    /// The tags, without `tag:`.
    package var tags: [String]
    /// The groups, without `group:`, and the users in them.
    package var groups: [String: [String]]
    /// The nodes.
    package var nodes: [Node]

    enum CodingKeys: String, CodingKey {
        case preset
        case seed
        case markerPort = "marker_port"
        case users
        case emails
        case tags
        case groups
        case nodes
    }

    private static let advice = "mend it there, or write another with 'needletail swarm plan'"

    /// Reads the roster in a file.
    ///
    /// - Throws: ``PlanError`` if it is something else.
    package static func read(file path: String) throws(PlanError) -> Roster {
        let json = try NamedFile.read(path, "the roster", advice: "'needletail swarm plan' writes one")
        let roster = try NamedFile.decode(Roster.self, from: json, of: path, "the roster", advice: advice)
        for node in roster.nodes where node.user == nil && node.tags?.isEmpty ?? true {
            throw PlanError(
                "the roster '\(path)' cannot be used: its node '\(node.hostname)' has neither a user nor tags; \(advice)"
            )
        }
        return roster
    }

    /// The text of `roster.json`.
    package var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self)
        }
    }
}
