// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import FoundationEssentials

/// A fleet: its policies, its nodes, and who must see how many.
package struct SwarmPlan: Sendable {
    /// The port that the second policy opens on every node.
    static let markerPort = 65_001

    /// The policy's text.
    package var policy: String
    /// The same with one rule more, which changes every node's filter; nil for a user's own policy without one.
    package var policy2: String?
    /// The same with one rule more, which changes the filter of about one node in a hundred.
    package var policySmall: String?
    /// The nodes.
    package var roster: Roster

    /// A plan with everything given.
    package init(policy: String, policy2: String?, policySmall: String?, roster: Roster) {
        self.policy = policy
        self.policy2 = policy2
        self.policySmall = policySmall
        self.roster = roster
    }

    init(preset: String, seed: String, policy: PolicyText, users: [String], nodes: [Roster.Node]) throws(PlanError) {
        var changed = policy
        changed.rules.append(
            PolicyText.Rule(
                sources: [nodes.lazy.compactMap(\.tags?.first).first ?? "*"],
                destinations: ["*:\(Self.markerPort)"]
            )
        )
        var touched = policy
        touched.rules.append(
            PolicyText.Rule(
                sources: [nodes.lazy.compactMap(\.user).first.map { $0 + "@" } ?? "*"],
                destinations: Self.someOwners(nodes).map { "\($0):\(Self.markerPort)" }
            )
        )
        self.policy = policy.text
        policy2 = changed.text
        policySmall = touched.text
        roster = Roster(
            preset: preset,
            seed: seed,
            markerPort: Self.markerPort,
            users: users,
            tags: policy.tags,
            groups: Dictionary(uniqueKeysWithValues: policy.groups.map { ($0.name, $0.users) }),
            nodes: nodes
        )
        let before = try PlainVisibility(PlainPolicy(policy.text), roster)
        let after = try PlainVisibility(PlainPolicy(changed.text), roster)
        for (index, (one, two)) in zip(before.expectedPeers(), after.expectedPeers()).enumerated() {
            roster.nodes[index].expectPeers = one
            roster.nodes[index].expectPeers2 = two
        }
    }

    /// Users whose nodes are a hundredth of all; everybody if there is nobody else.
    private static func someOwners(_ nodes: [Roster.Node]) -> [String] {
        let source = nodes.lazy.compactMap(\.user).first
        var counts: [String: Int] = [:]
        for case let user? in nodes.map(\.user) where user != source { counts[user, default: 0] += 1 }
        var owners: [String] = []
        var covered = 0
        for (user, count) in counts.sorted(by: { $0.key < $1.key }) where covered < max(nodes.count / 100, 1) {
            owners.append(user + "@")
            covered += count
        }
        return owners.isEmpty ? ["*"] : owners
    }

    /// Files of a plan, by name.
    package static let policyName = "policy.hujson"
    package static let policy2Name = "policy2.hujson"
    package static let policySmallName = "policy-small.hujson"
    package static let rosterName = "roster.json"

    /// Writes the plan into a folder, which is made if it is not there; policies of an earlier plan there are removed.
    package func write(to folder: String) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        func write(_ text: String?, _ name: String) throws {
            let file = URL(filePath: folder).appending(path: name)
            guard let text else {
                // An earlier plan's would be taken for this one's, and may hold names that this one must not show.
                if files.fileExists(atPath: file.path) { try files.removeItem(at: file) }
                return
            }
            try Data(text.utf8).write(to: file)
        }
        try write(policy, Self.policyName)
        try write(policy2, Self.policy2Name)
        try write(policySmall, Self.policySmallName)
        try roster.json.write(to: URL(filePath: folder).appending(path: Self.rosterName))
    }

    /// Reads a plan: a roster, and the policies beside it.
    ///
    /// - Parameters:
    ///   - roster: the path of the roster.
    ///   - policy: the path of the policy; `policy.hujson` beside the roster if nil.
    ///   - policy2: the path of a second one; `policy2.hujson` beside the roster if nil, and if there is one.
    /// - Returns: the plan.
    /// - Throws: ``PlanError``.
    package static func read(
        roster: String,
        policy: String? = nil,
        policy2: String? = nil
    ) throws(PlanError) -> SwarmPlan {
        let folder = URL(filePath: roster).deletingLastPathComponent()
        func text(_ path: String?, _ name: String) -> String? {
            let url = path.map { URL(filePath: $0) } ?? folder.appending(path: name)
            return (try? Data(contentsOf: url)).map { String(decoding: $0, as: UTF8.self) }
        }
        guard let json = try? Data(contentsOf: URL(filePath: roster)) else {
            throw PlanError("the roster '\(roster)' cannot be read; 'needletail swarm plan' writes one")
        }
        guard let first = text(policy, policyName) else {
            throw PlanError("the policy '\(policy ?? policyName)' cannot be read; name it with --policy")
        }
        let second = text(policy2, policy2Name)
        if let policy2, second == nil { throw PlanError("the policy '\(policy2)' cannot be read") }
        return SwarmPlan(
            policy: first,
            policy2: second,
            policySmall: text(nil, policySmallName),
            roster: try Roster.read(json)
        )
    }
}
