// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes
internal import Synchronization

/// A tailnet at one revision, to be handed around.
///
/// The value is some sixty references; a copy of it for each message and each piece of one would be most of what a
/// message costs. Whoever keeps one keeps this.
package final class TailnetSnapshot: Sendable {
    package let tailnet: Tailnet
    private let lastAnswer = Mutex<(since: Revision, changed: NodeSet?)?>(nil)

    package init(_ tailnet: Tailnet) {
        self.tailnet = tailnet
    }

    /// Every node that changed after `revision`, as ``RecentChanges/nodes(since:)``.
    ///
    /// The sessions of a round ask one after the other, nearly all from the same revision, so the last answer is kept.
    func changedNodes(since revision: Revision) -> NodeSet? {
        lastAnswer.withLock { answer in
            if let answer, answer.since == revision { return answer.changed }
            let changed = tailnet.recentChanges.nodes(since: revision)
            answer = (revision, changed)
            return changed
        }
    }
}
