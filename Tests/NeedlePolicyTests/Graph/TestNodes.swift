// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

@testable import NeedlePolicy

/// Nodes with addresses that follow from their slots.
enum TestNodes {
    static let ann = UserFacts(id: UserID(1), name: "ann", email: "ann@example.com", role: .owner)
    static let bob = UserFacts(id: UserID(2), name: "bob", email: "bob@example.org", role: .member)

    static func tagged(
        _ tags: String...,
        slot: Int,
        routes: [String] = [],
        approved: [String] = [],
        created: Int64? = nil,
        attributes: [String: AttributeValue] = [:]
    ) -> NodeFacts {
        NodeFacts(
            slot: NodeSlot(slot),
            id: NodeID(Int64(slot + 1)),
            tags: tags,
            addresses: addresses(slot),
            advertisedRoutes: routes.compactMap { IPPrefix(text: $0) },
            approvedRoutes: approved.compactMap { IPPrefix(text: $0) },
            created: created.map { Timestamp(seconds: $0) },
            attributes: attributes
        )
    }

    static func owned(by user: UserFacts, slot: Int) -> NodeFacts {
        NodeFacts(slot: NodeSlot(slot), id: NodeID(Int64(slot + 1)), user: user, addresses: addresses(slot))
    }

    private static func addresses(_ slot: Int) -> [IPAddress] {
        [
            IPAddress(family: .v4, bits: 0x6440_0001 + UInt128(slot)),
            IPAddress(family: .v6, bits: 0xfd7a_115c_a1e0 << 80 | UInt128(slot + 1)),
        ]
    }
}
