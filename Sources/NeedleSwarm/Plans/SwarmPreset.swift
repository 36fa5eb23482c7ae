// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A made-up tailnet, with the shape and size of one that other servers were measured with.
package enum SwarmPreset: String, CaseIterable, Sendable {
    /// 15,001 rules over 666 users, 200 groups and 10 tags, one of them among each user's own; nearly everybody sees
    /// nearly everybody.
    case acl15k
    /// 14,600 rules over 520 tags, 220 groups and 400 users; a node sees a quarter of the others.
    case brutal
    /// Teams of five with a challenge box each, and shared infrastructure; a node sees a handful of others.
    case ctf
    /// Everybody sees everybody.
    case mesh

    /// The preset's own sizes.
    package var sizes: PresetSizes {
        var sizes = PresetSizes()
        switch self {
        case .acl15k:
            (sizes.nodes, sizes.rules, sizes.users, sizes.groups) = (2000, 15_001, 666, 200)
            (sizes.groupUsers, sizes.tags, sizes.hosts, sizes.tagged) = (8...32, 10, 40, 0.3)
        case .brutal:
            (sizes.nodes, sizes.rules, sizes.users, sizes.groups) = (2000, 14_600, 400, 220)
            (sizes.groupUsers, sizes.tags, sizes.hosts, sizes.tagged) = (3...8, 520, 60, 0.6)
        case .ctf:
            (sizes.teams, sizes.teamUsers, sizes.infrastructure) = (600, 5, 2)
        case .mesh:
            (sizes.nodes, sizes.users) = (1000, 20)
        }
        return sizes
    }

    /// The preset's own sizes, for about so many nodes: `ctf` takes as many teams as that makes.
    package func sizes(nodes: Int) -> PresetSizes {
        var sizes = self.sizes
        if self == .ctf {
            let infrastructure = PresetBuilder.infrastructure.count * sizes.infrastructure
            sizes.teams = max((nodes - infrastructure) / (sizes.teamUsers + 1), 1)
        } else {
            sizes.nodes = nodes
        }
        return sizes
    }

    /// The preset's policies and nodes.
    package func plan(_ sizes: PresetSizes? = nil, seed: String = "1") throws(PlanError) -> SwarmPlan {
        let sizes = sizes ?? self.sizes
        var builder = PresetBuilder(preset: self, seed: seed, sizes: sizes)
        builder.build()
        return try SwarmPlan(
            preset: rawValue,
            seed: seed,
            policy: builder.policy,
            users: builder.users,
            nodes: builder.nodes
        )
    }
}
