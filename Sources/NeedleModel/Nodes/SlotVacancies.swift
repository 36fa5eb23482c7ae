// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Collections
internal import DequeModule
internal import HashTreeCollections
internal import NeedleTypes

/// Slots whose nodes are gone.
///
/// A vacant slot rests for ``restRevisions`` before a new node gets it. Until then a session that still lists the old
/// node finds its id here; a session further behind than that is told everything anew
/// (``MapSession/step(to:)``), so it never mistakes a new node for the old one.
struct SlotVacancies: Sendable {
    /// How far a session may be behind and still be told of removed nodes by id.
    static let restRevisions: UInt64 = 4096

    private var resting: Deque<(slot: NodeSlot, since: Revision)> = []
    private var formerNodes: TreeDictionary<NodeSlot, NodeID> = [:]

    /// A slot that has rested, if there is one.
    mutating func take(at revision: Revision) -> NodeSlot? {
        guard let oldest = resting.first, oldest.since.value + Self.restRevisions < revision.value else { return nil }
        resting.removeFirst()
        formerNodes[oldest.slot] = nil
        return oldest.slot
    }

    mutating func leave(_ slot: NodeSlot, formerly node: NodeID, at revision: Revision) {
        resting.append((slot, revision))
        formerNodes[slot] = node
    }

    func formerNode(at slot: NodeSlot) -> NodeID? {
        formerNodes[slot]
    }
}
