// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Which nodes changed in the last few revisions, and whom that concerns.
///
/// Whoever holds many sessions learns from it which of them have to be looked at, so that a change costs as much as
/// those whom it concerns. A session that is not far behind learns in a few word operations which of its peers to
/// compare; one that is further behind compares revisions node by node.
package struct RecentChanges: Sendable {
    /// How many revisions are remembered: as many as may be made while changes that can wait are gathered.
    static let entriesMax = 256

    private struct Entry {
        let revision: Revision
        let nodes: NodeSet
        /// Nil: everybody.
        let viewers: NodeSet?
        let canWait: Bool
    }

    private var entries: [Entry] = []
    private var complete = Revision.zero

    /// Nothing remembered yet.
    init() {}

    /// Takes note that `nodes` changed, came or went at `revision`, and that nobody but `viewers` (nil: everybody) has to
    /// be told anything because of it; `canWait` says that a moment more or less means nothing to them.
    mutating func record(_ nodes: NodeSet, concerning viewers: NodeSet?, canWait: Bool, at revision: Revision) {
        if entries.count == Self.entriesMax { complete = entries.removeFirst().revision }
        entries.append(Entry(revision: revision, nodes: nodes, viewers: viewers, canWait: canWait))
    }

    /// Whether all that happened after `revision` can wait for a moment, to be told together with more: where nodes can be
    /// reached, and whether they are connected.
    package func canWait(since revision: Revision) -> Bool {
        guard revision >= complete else { return false }
        return entries.reversed().prefix { $0.revision > revision }.allSatisfy(\.canWait)
    }

    /// The nodes whose clients may have to be told something that happened after `revision`; nil if that may be all of
    /// them, or it is too long ago to tell.
    ///
    /// - Complexity: O(slots / 64) for each revision since.
    package func viewers(since revision: Revision) -> NodeSet? {
        guard revision >= complete else { return nil }
        var union = NodeSet()
        for entry in entries.reversed() {
            if entry.revision <= revision { break }
            guard let viewers = entry.viewers else { return nil }
            union.formUnion(viewers)
        }
        return union
    }

    /// Every node that changed after `revision`, or nil if that is too long ago to tell.
    package func nodes(since revision: Revision) -> NodeSet? {
        guard revision >= complete else { return nil }
        guard let start = entries.firstIndex(where: { $0.revision > revision }) else { return NodeSet() }
        var union = entries[start].nodes
        for entry in entries[(start + 1)...] { union.formUnion(entry.nodes) }
        return union
    }
}
