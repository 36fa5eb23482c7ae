// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedlePolicy
package import NeedleTypes

/// Whom one node may see at one revision.
package struct AccessView: Sendable {
    /// When the policy in force came into force; classes of another policy are other classes.
    package let policyChanged: Revision
    /// Nodes of the same class see the same peers, but for themselves, at the same revision; nil: nobody.
    package let visibilityClass: VisibilityClass?
    /// The peers; may hold the viewer itself.
    package let peers: NodeSet

    package init(policyChanged: Revision, visibilityClass: VisibilityClass?, peers: NodeSet) {
        self.policyChanged = policyChanged
        self.visibilityClass = visibilityClass
        self.peers = peers
    }

    /// Whether both are the view of one class under one policy.
    func isSameClass(as other: AccessView) -> Bool {
        policyChanged == other.policyChanged && visibilityClass == other.visibilityClass
    }
}
