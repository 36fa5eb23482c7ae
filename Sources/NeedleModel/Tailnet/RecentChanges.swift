// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Which nodes changed in the last few revisions, and whom that concerns.
///
/// Whoever holds many sessions learns from it which of them have to be looked at, so that a change costs as much as
/// those whom it concerns. A session that is not far behind learns in a few word operations which of its peers to
/// compare; one that is further behind compares revisions node by node.
package struct RecentChanges: Sendable {
    /// How many revisions are remembered at least: as many as may be made while changes that can wait are gathered.
    static let entriesMin = (pagesMax - 1) * pageEntriesMax

    /// Every batch copies a page and the list of pages, since snapshots hold the one before.
    private static let pageEntriesMax = 16
    private static let pagesMax = 17

    private struct Entry {
        let revision: Revision
        let nodes: NodeSet
        /// Nil: everybody.
        let viewers: NodeSet?
        let haste: Haste
    }

    /// Oldest first.
    private var pages: [[Entry]] = []
    private var complete = Revision.zero

    /// Nothing remembered yet.
    init() {}

    /// Takes note that `nodes` changed, came or went at `revision`, and that nobody but `viewers` (nil: everybody) has to
    /// be told anything because of it.
    mutating func record(_ nodes: NodeSet, concerning viewers: NodeSet?, haste: Haste, at revision: Revision) {
        let entry = Entry(revision: revision, nodes: nodes, viewers: viewers, haste: haste)
        if let last = pages.last, last.count < Self.pageEntriesMax { return pages[pages.count - 1].append(entry) }
        if pages.count == Self.pagesMax, let forgotten = pages.removeFirst().last { complete = forgotten.revision }
        pages.append([entry])
    }

    /// Calls `body` with what happened after `revision`, newest first, until it says false.
    ///
    /// - Returns: whether it never did, and nothing since is forgotten.
    private func forEach(since revision: Revision, _ body: (Entry) -> Bool) -> Bool {
        guard revision >= complete else { return false }
        for page in pages.reversed() {
            for entry in page.reversed() {
                if entry.revision <= revision { return true }
                if !body(entry) { return false }
            }
        }
        return true
    }

    /// How soon what happened after `revision` is to be told: as soon as the most urgent of it.
    package func haste(since revision: Revision) -> Haste {
        var haste = Haste.whenever
        let isKnown = forEach(since: revision) { entry in
            haste = max(haste, entry.haste)
            return haste < .now
        }
        return isKnown ? haste : .now
    }

    /// The nodes whose clients may have to be told something that happened after `revision`; nil if that may be all of
    /// them, or it is too long ago to tell.
    ///
    /// - Complexity: O(slots / 64) for each revision since.
    package func viewers(since revision: Revision) -> NodeSet? {
        var union = NodeSet()
        let isKnown = forEach(since: revision) { entry in
            guard let viewers = entry.viewers else { return false }
            union.formUnion(viewers)
            return true
        }
        return isKnown ? union : nil
    }

    /// Every node that changed after `revision`, or nil if that is too long ago to tell.
    package func nodes(since revision: Revision) -> NodeSet? {
        var union = NodeSet()
        let isKnown = forEach(since: revision) { entry in
            union.formUnion(entry.nodes)
            return true
        }
        return isKnown ? union : nil
    }
}
