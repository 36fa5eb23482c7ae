// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
internal import NeedleTypes

/// What the sessions of one event loop find out that is the same for the next one that asks.
///
/// Whoever steps many sessions keeps one and hands it to each; what it holds is right for any snapshot.
package struct SharedFindings: Sendable {
    /// The policy's long lists of sources.
    var dividedLists: DividedLists
    private var changed: (since: Revision, upTo: Revision, nodes: NodeSet?)?

    /// Nothing known yet.
    package init() {
        self.init(DividedLists())
    }

    private init(_ dividedLists: DividedLists) {
        self.dividedLists = dividedLists
    }

    /// For one session only.
    static let forgetful = SharedFindings(.forgetful)

    /// Every node that changed after `revision`, as ``RecentChanges/nodes(since:)``.
    ///
    /// The sessions of a round ask one after the other, nearly all from the same revision, so the last answer is kept.
    mutating func changedNodes(since revision: Revision, in tailnet: Tailnet) -> NodeSet? {
        if let changed, changed.since == revision, changed.upTo == tailnet.revision { return changed.nodes }
        let nodes = tailnet.recentChanges.nodes(since: revision)
        changed = (revision, tailnet.revision, nodes)
        return nodes
    }
}
