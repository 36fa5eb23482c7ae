// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// All nodes of a tailnet by slot, in pages of 64, so that a copy with one node replaced costs one page.
///
/// A page knows when anything in it last changed: map messages are spliced from pages, and a page that has not changed
/// need not be encoded or compressed again.
package struct NodeTable: Sendable {
    private struct Page {
        var nodes: [NodeVersion?] = Array(repeating: nil, count: NodeTable.slotsPerPage)
        var changed = Revision.zero
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

    /// When anything in the page of slots `64 * page` and up last changed.
    package func changed(page: Int) -> Revision {
        page < pages.count ? pages[page].changed : .zero
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
        while page >= pages.count { pages.append(Page()) }
        if pages[page].nodes[node.slot.index % Self.slotsPerPage] == nil { count += 1 }
        pages[page].nodes[node.slot.index % Self.slotsPerPage] = node
        pages[page].changed = revision
        let bit: UInt64 = 1 << UInt64(node.slot.index % Self.slotsPerPage)
        if node.isRouter { pages[page].routers |= bit } else { pages[page].routers &= ~bit }
        slotsUsed = max(slotsUsed, node.slot.index + 1)
    }

    /// Takes the node at `slot` out; the slot rests until no session can remember the node.
    mutating func remove(_ slot: NodeSlot, at revision: Revision) {
        let page = slot.index / Self.slotsPerPage
        guard page < pages.count, let node = pages[page].nodes[slot.index % Self.slotsPerPage] else { return }
        pages[page].nodes[slot.index % Self.slotsPerPage] = nil
        pages[page].changed = revision
        pages[page].routers &= ~(1 << UInt64(slot.index % Self.slotsPerPage))
        count -= 1
        vacancies.leave(slot, formerly: node.record.id, at: revision)
    }

    /// Who was last at `slot`, which is vacant now.
    package func formerNode(at slot: NodeSlot) -> NodeID? {
        vacancies.formerNode(at: slot)
    }
}
