// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedlePolicy
import NeedleTesting
import NeedleTypes

/// Nodes made up at random.
enum RandomNodes {
    static func make(slot: Int, id: Int64, using random: inout SeededRandom) -> NodeFacts {
        var facts = NodeFacts(
            slot: NodeSlot(slot),
            id: NodeID(id),
            addresses: [
                IPAddress(family: .v4, bits: 0x6440_0001 + UInt128(slot)),
                IPAddress(family: .v6, bits: 0xfd7a_115c_a1e0 << 80 | UInt128(slot + 1)),
            ],
            created: Timestamp(seconds: 1_000 + Int64.random(in: 0..<5, using: &random), nanoseconds: 0)
        )
        changeOwner(of: &facts, using: &random)
        changeRoutes(of: &facts, using: &random)
        facts.attributes = [
            "node:os": .string(random.coin() ? "linux" : "macos"),
            "node:tsVersion": .string(["1.58.2", "1.60", "1.102.1"].pick(&random)),
        ]
        return facts
    }

    static func changeOwner(of facts: inout NodeFacts, using random: inout SeededRandom) {
        facts.tags = random.coin() ? RandomPolicy.tags.filter { _ in random.coin() } : []
        let index = Int.random(in: 0..<RandomPolicy.userNames.count, using: &random)
        let name = RandomPolicy.userNames[index]
        facts.user =
            facts.isTagged
            ? nil
            : UserFacts(
                id: UserID(Int64(index + 1)),
                name: name,
                email: "\(name)@example.com",
                role: index == 0 ? .owner : (index == 1 ? .admin : .member)
            )
    }

    static func changeRoutes(of facts: inout NodeFacts, using random: inout SeededRandom) {
        var routes = RandomPolicy.subnets.filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
        if Int.random(in: 0..<5, using: &random) == 0 { routes += ["0.0.0.0/0", "::/0"] }
        facts.advertisedRoutes = routes.compactMap { IPPrefix(text: $0) }
        facts.approvedRoutes = facts.advertisedRoutes.filter { _ in random.coin() }
        // Both exit routes are approved or neither is.
        facts.approvedRoutes.removeAll { $0.isDefaultRoute }
        if random.coin() { facts.approvedRoutes += facts.advertisedRoutes.filter { $0.isDefaultRoute } }
    }
}
