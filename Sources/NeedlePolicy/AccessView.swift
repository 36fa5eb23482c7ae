// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Whom one node may see at one revision.
package struct AccessView: Sendable {
    /// Nodes of the same class see the same peers, but for themselves, at the same revision.
    package let visibilityClass: Int
    /// The peers; may hold the viewer itself.
    package let peers: NodeSet

    package init(visibilityClass: Int, peers: NodeSet) {
        self.visibilityClass = visibilityClass
        self.peers = peers
    }

    /// The view of a node that may see nobody.
    package static let nobody = AccessView(visibilityClass: -1, peers: NodeSet())
}
