// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// What one batch of commands changed of what is kept: the new state of each thing, so that applying it twice does no
/// harm.
package struct StoreBatch: Sendable {
    /// Whose things these are.
    package let tailnet: TailnetID
    /// New and changed users.
    package var users: [UserRecord] = []
    /// Users that are gone.
    package var deletedUsers: [UserID] = []
    /// New and changed keys.
    package var preAuthKeys: [PreAuthKeyRecord] = []
    /// Keys that are gone.
    package var deletedPreAuthKeys: [PreAuthKeyID] = []
    /// New and changed nodes.
    package var nodes: [NodeRecord] = []
    /// Nodes that are gone.
    package var deletedNodes: [NodeID] = []
    /// Nodes of which only the soft state is written; none of them is among ``nodes``.
    package var softNodes: [SoftNode] = []
    /// New versions of the policy.
    package var policies: [StoredPolicy] = []
    /// Versions of the policy that are no longer kept.
    package var deletedPolicies: [PolicyVersionID] = []

    /// The soft state of a node that is stored already; where it is not, nothing is written.
    package struct SoftNode: Sendable {
        /// The node.
        package let id: NodeID
        /// Takes the place of what is stored.
        package let soft: NodeRecord.Soft

        /// The state of `node`.
        package init(_ node: NodeRecord) {
            id = node.id
            soft = node.soft
        }
    }

    /// A batch without changes.
    package init(tailnet: TailnetID) {
        self.tailnet = tailnet
    }

    /// Whether there is nothing to write.
    package var isEmpty: Bool { rowCount == 0 }

    /// How many rows are written.
    package var rowCount: Int {
        users.count + deletedUsers.count + preAuthKeys.count + deletedPreAuthKeys.count + nodes.count
            + deletedNodes.count + softNodes.count + policies.count + deletedPolicies.count
    }
}
