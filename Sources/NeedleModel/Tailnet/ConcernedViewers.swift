// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// Whose clients may have to be told something because of a batch.
///
/// It may hold more than that, and never less: sessions of nodes that are not in it are not looked at.
struct ConcernedViewers: Sendable {
    /// Nil: everybody.
    private(set) var nodes: NodeSet? = NodeSet()

    var isEverybody: Bool { nodes == nil }

    mutating func add(_ slot: NodeSlot) {
        nodes?.insert(slot)
    }

    mutating func add(_ others: NodeSet) {
        nodes?.formUnion(others)
    }

    mutating func addEverybody() {
        nodes = nil
    }
}
