// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// Makes up nodes that fit a policy: for each user and tag that it names, and for each address of the tailnet.
///
/// ```swift
/// let plan = try FleetBuilder.plan(for: text, FleetProportions(nodes: 500))
/// ```
package struct FleetBuilder {
    private let policy: PlainPolicy
    private let proportions: FleetProportions
    private var random: PlanRandom
    private var names: [String: String] = [:]
    private var users: [String] = []
    private var emails: [String: String] = [:]
    private var tags: [String] = []
    private var nodes: [Roster.Node] = []

    /// The same policy, but for addresses of nodes, with a fleet for it.
    ///
    /// Single addresses of the tailnet that the policy names are replaced by the first ones that servers give out, since
    /// no server can be asked for certain ones; the nodes that get them register first.
    ///
    /// - Parameters:
    ///   - text: the policy.
    ///   - policy2: a second one, to be set in a run.
    ///   - proportions: what the fleet is to look like.
    /// - Returns: the plan.
    /// - Throws: ``PlanError`` if there is something in the policies that planning does not know.
    package static func plan(
        for text: String,
        policy2: String? = nil,
        _ proportions: FleetProportions
    ) throws(PlanError) -> SwarmPlan {
        let addresses = try ownAddresses(PlainPolicy(text))
        let replacements = Dictionary(
            uniqueKeysWithValues: addresses.enumerated().map { index, address in
                (address, "\(IPAddress(family: .v4, bits: firstAddress + UInt128(index)))")
            }
        )
        let policy = try PolicyRewriter.replacingAddresses(text, replacements)
        let second = try policy2.map { text throws(PlanError) in
            try PolicyRewriter.replacingAddresses(text, replacements)
        }
        var builder = FleetBuilder(try PlainPolicy(policy), proportions)
        builder.build(addresses: addresses.compactMap { replacements[$0] })
        var roster = Roster(
            preset: "policy",
            seed: proportions.seed,
            markerPort: nil,
            users: builder.users,
            emails: builder.emails.isEmpty ? nil : builder.emails,
            tags: builder.tags.map { String($0.dropFirst(4)) },
            groups: [:],
            nodes: builder.nodes
        )
        let one = try PlainVisibility(builder.policy, roster).expectedPeers()
        let two = try second.map { text throws(PlanError) in
            try PlainVisibility(PlainPolicy(text), roster).expectedPeers()
        }
        for index in roster.nodes.indices {
            roster.nodes[index].expectPeers = one[index]
            roster.nodes[index].expectPeers2 = two?[index]
        }
        return SwarmPlan(policy: policy, policy2: second, policySmall: nil, roster: roster)
    }

    private init(_ policy: PlainPolicy, _ proportions: FleetProportions) {
        self.policy = policy
        self.proportions = proportions
        random = PlanRandom(preset: "policy", seed: proportions.seed, purpose: "fleet")
    }

    /// 100.64.0.1, which sequential servers give out first.
    private static let firstAddress: UInt128 = 0x6440_0001

    /// Single addresses of the tailnet, in the order of addresses.
    private static func ownAddresses(_ policy: PlainPolicy) -> [String] {
        var found: [IPAddress: String] = [:]
        for alias in policy.aliases {
            let text = policy.prefixText(alias)
            let prefix = IPPrefix(text: text) ?? IPAddress(text: text).map(IPPrefix.init(single:))
            guard let prefix, prefix.isSingle, prefix.address.family == .v4 else { continue }
            guard PlainVisibility.tailnets.contains(where: { $0.contains(prefix.address) }) else { continue }
            found[prefix.address] = "\(prefix.address)"
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    // MARK: - Names

    private mutating func build(addresses: [String]) {
        let aliases = policy.aliases.sorted()
        for alias in aliases where alias.contains("@") && !alias.contains(":") { addUser(alias) }
        for number in 0..<proportions.strangers { addUser("stranger\(number + 1)@") }
        tags = aliases.filter { $0.hasPrefix("tag:") }
        if users.isEmpty, tags.isEmpty || !addresses.isEmpty { addUser("user1@") }
        makeNodes(addresses)
    }

    /// A user for `name@`, or for an e-mail address, whose part before the @ becomes the name if it may.
    private mutating func addUser(_ alias: String) {
        guard let at = alias.firstIndex(of: "@") else { return }
        let isEmail = alias.index(after: at) != alias.endIndex
        var name = String(alias[..<at])
        if isEmail {
            name = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) ? $0 : "-" })
            if !(name.first?.isLetter ?? false) || name.utf8.count < 2 { name = "u-" + name }
            let base = name
            var number = 2
            while names[name] != nil {
                name = "\(base)-\(number)"
                number += 1
            }
        }
        guard names.updateValue(alias, forKey: name) == nil else { return }
        users.append(name)
        if isEmail { emails[name] = alias }
    }

    // MARK: - Nodes

    private mutating func makeNodes(_ addresses: [String]) {
        let share = proportions.tagged ?? Double(tags.count) / Double(max(tags.count + users.count, 1))
        let taggedCount = tags.isEmpty ? 0 : users.isEmpty ? proportions.nodes : Int(Double(proportions.nodes) * share)
        for (index, address) in addresses.prefix(proportions.nodes).enumerated() {
            var node = owned(index)
            node.address = address
            nodes.append(node)
        }
        for index in 0..<taggedCount where nodes.count < proportions.nodes {
            // Each tag once, then any.
            let tag = index < tags.count ? tags[index] : random.choice(tags)
            nodes.append(Roster.Node(hostname: hostname, tags: [tag]))
        }
        var index = 0
        while nodes.count < proportions.nodes {
            nodes.append(owned(index))
            index += 1
        }
    }

    private var hostname: String { "node-\(nodes.count + 1)" }

    private mutating func owned(_ index: Int) -> Roster.Node {
        guard !users.isEmpty else { return Roster.Node(hostname: hostname, tags: [random.choice(tags)]) }
        let user = index < users.count ? users[index] : random.choice(users)
        return Roster.Node(hostname: hostname, osname: "linux", user: user)
    }
}
