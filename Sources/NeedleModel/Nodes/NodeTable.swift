// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// All nodes of a tailnet by slot, in pages of 64, so that a copy with one node replaced costs one page.
///
/// A page knows of each aligned run in it when what peers are told of its nodes last changed: map messages are spliced
/// from runs, and one that has not changed need not be encoded or compressed again.
package struct NodeTable: Sendable {
    private struct Page {
        var nodes: [NodeVersion?] = Array(repeating: nil, count: NodeTable.slotsPerPage)
        /// Whose they are.
        ///
        /// Every full map asks for the owners of all peers; when the nodes were asked, 6 % of what 2,000 maps of 2,000 peers
        /// cost went into counting references to them.
        var owners: [UserID?] = Array(repeating: nil, count: NodeTable.slotsPerPage)
        var changes = RunStamps()
        /// Which of the nodes are routers.
        var routers: UInt64 = 0
    }

    static let slotsPerPage = 64

    private var pages: [Page] = []
    /// How many nodes there are.
    package private(set) var count = 0
    private var vacancies = SlotVacancies()
    private var slotsUsed = 0

    /// A table without nodes.
    init() {}

    /// The node at `slot`, if one is there.
    package subscript(slot: NodeSlot) -> NodeVersion? {
        let page = slot.index / Self.slotsPerPage
        return page < pages.count ? pages[page].nodes[slot.index % Self.slotsPerPage] : nil
    }

    /// When what peers are told of anybody in `run` of the page of slots `64 * page` and up last changed.
    func changed(page: Int, in run: AlignedRun) -> Revision {
        page < pages.count ? pages[page].changes[run] : .zero
    }

    /// Calls `body` with each node of one page whose bit is set, by rising slot.
    func forEach(page: Int, in bits: UInt64, _ body: (NodeVersion) -> Void) {
        guard page < pages.count else { return }
        pages[page].nodes.withUnsafeBufferPointer { nodes in
            var rest = bits
            while rest != 0 {
                if let node = nodes[rest.trailingZeroBitCount] { body(node) }
                rest &= rest - 1
            }
        }
    }

    /// Calls `body` with the owner of each node of one page whose bit is set, by rising slot.
    func forEachOwner(page: Int, in bits: UInt64, _ body: (UserID) -> Void) {
        guard page < pages.count else { return }
        var rest = bits
        while rest != 0 {
            if let owner = pages[page].owners[rest.trailingZeroBitCount] { body(owner) }
            rest &= rest - 1
        }
    }

    /// The routers of one page, lowest slot in the lowest bit.
    func routers(page: Int) -> UInt64 {
        page < pages.count ? pages[page].routers : 0
    }

    /// The routers in `nodes`, by rising slot.
    ///
    /// - Complexity: O(slots / 64) without any.
    func routers(in nodes: NodeSet) -> [NodeSlot] {
        var result: [NodeSlot] = []
        for page in 0..<Swift.min(pages.count, nodes.blockCount) {
            var rest = pages[page].routers & nodes.bits(ofBlock: page)
            while rest != 0 {
                result.append(NodeSlot(page * Self.slotsPerPage + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
        return result
    }

    /// Every node, by rising slot.
    package var all: some Sequence<NodeVersion> {
        pages.lazy.flatMap(\.nodes).compactMap(\.self)
    }

    /// The slot that the next new node gets at `revision`.
    mutating func vacantSlot(at revision: Revision) -> NodeSlot {
        vacancies.take(at: revision) ?? NodeSlot(slotsUsed)
    }

    /// Puts `node` in its slot.
    mutating func put(_ node: NodeVersion, at revision: Revision) {
        let page = node.slot.index / Self.slotsPerPage
        let place = node.slot.index % Self.slotsPerPage
        while page >= pages.count { pages.append(Page()) }
        let old = pages[page].nodes[place]
        if old == nil { count += 1 }
        pages[page].nodes[place] = node
        // A stream that was opened again, say, is nothing that peers are told of.
        if old?.peerJSON != node.peerJSON { pages[page].changes.record(place, at: revision) }
        let bit: UInt64 = 1 << UInt64(place)
        pages[page].owners[place] = node.owner
        if node.isRouter { pages[page].routers |= bit } else { pages[page].routers &= ~bit }
        slotsUsed = max(slotsUsed, node.slot.index + 1)
    }

    /// Takes the node at `slot` out; the slot rests until no session can remember the node.
    mutating func remove(_ slot: NodeSlot, at revision: Revision) {
        let page = slot.index / Self.slotsPerPage
        guard page < pages.count, let node = pages[page].nodes[slot.index % Self.slotsPerPage] else { return }
        pages[page].nodes[slot.index % Self.slotsPerPage] = nil
        pages[page].changes.record(slot.index % Self.slotsPerPage, at: revision)
        pages[page].owners[slot.index % Self.slotsPerPage] = nil
        pages[page].routers &= ~(1 << UInt64(slot.index % Self.slotsPerPage))
        count -= 1
        vacancies.leave(slot, formerly: node.record.id, at: revision)
    }

    /// Who was last at `slot`, which is vacant now.
    package func formerNode(at slot: NodeSlot) -> NodeID? {
        vacancies.formerNode(at: slot)
    }
}
