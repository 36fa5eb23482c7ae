// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Which nodes changed in the last few revisions.
///
/// A session that is not far behind learns from it in a few word operations that nothing concerns it. One that is
/// further behind compares revisions node by node.
package struct RecentChanges: Sendable {
    /// How many revisions are remembered.
    static let entriesMax = 64

    private var entries: [(revision: Revision, nodes: NodeSet)] = []
    private var complete = Revision.zero

    /// Nothing remembered yet.
    init() {}

    /// Takes note that `nodes` changed, came or went at `revision`.
    mutating func record(_ nodes: NodeSet, at revision: Revision) {
        if entries.count == Self.entriesMax { complete = entries.removeFirst().revision }
        entries.append((revision, nodes))
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
