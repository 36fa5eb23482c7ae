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
    ///
    /// - Throws: ``PlanError`` if the file system refuses.
    package func write(to folder: String) throws {
        let advice = "name a folder of yours with --out"
        try NamedFile.makeFolder(folder, advice: advice)
        func path(_ name: String) -> String { URL(filePath: folder).appending(path: name).path }
        func write(_ text: String?, _ name: String) throws(PlanError) {
            // An earlier plan's would be taken for this one's, and may hold names that this one must not show.
            guard let text else { return try NamedFile.remove(path(name), advice: advice) }
            try NamedFile.write(Data(text.utf8), to: path(name), advice: advice)
        }
        try write(policy, Self.policyName)
        try write(policy2, Self.policy2Name)
        try write(policySmall, Self.policySmallName)
        try NamedFile.write(roster.json, to: path(Self.rosterName), advice: advice)
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
        /// One that is not named need not be there, but if it is there, it counts.
        func other(_ path: String?, _ name: String) throws(PlanError) -> String? {
            let beside = folder.appending(path: name).path
            guard path != nil || FileManager.default.fileExists(atPath: beside) else { return nil }
            return try NamedFile.policy(path ?? beside, advice: "name another with --policy2, or remove it").text
        }
        let nodes = try Roster.read(file: roster)
        return SwarmPlan(
            policy: try NamedFile.policy(policy ?? folder.appending(path: policyName).path).text,
            policy2: try other(policy2, policy2Name),
            policySmall: try other(nil, policySmallName),
            roster: nodes
        )
    }
}
