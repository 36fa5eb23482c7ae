// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Who may see whom, and what each node's packet filter holds.
///
/// Until policies are read, everybody may reach everybody. Map sessions ask only through ``view(of:)`` and
/// ``filterChunks(for:)``.
package struct AccessGraph: Sendable {
    private var everyone = NodeSet()

    /// A graph without nodes.
    package init() {}

    /// Takes note of a new node.
    package mutating func nodeJoined(_ slot: NodeSlot) {
        everyone.insert(slot)
    }

    /// Takes note that a node is gone.
    package mutating func nodeLeft(_ slot: NodeSlot) {
        everyone.remove(slot)
    }

    /// Whom the node at `slot` may see.
    package func view(of slot: NodeSlot) -> AccessView {
        AccessView(visibilityClass: 0, peers: everyone)
    }

    /// The packet filter of the node at `slot`, as named chunks.
    package func filterChunks(for slot: NodeSlot) -> [FilterChunk] {
        [.everything]
    }
}
