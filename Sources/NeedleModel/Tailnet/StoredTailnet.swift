// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Everything that is kept of a tailnet, as read when the server starts.
package struct StoredTailnet: Sendable {
    /// Every user.
    package var users: [UserRecord] = []
    /// Every pre-auth key.
    package var preAuthKeys: [PreAuthKeyRecord] = []
    /// Every node.
    package var nodes: [NodeRecord] = []
    /// Every kept version of the policy, by rising id.
    package var policyVersions: [PolicyVersion] = []
    /// The text of the newest version.
    package var policyText: [UInt8]?
    /// The largest ids ever given out, since those of deleted things are not given out again.
    package var lastUserID = UserID(0)
    /// See ``lastUserID``.
    package var lastNodeID = NodeID(0)
    /// See ``lastUserID``.
    package var lastPreAuthKeyID = PreAuthKeyID(0)
    /// See ``lastUserID``.
    package var lastPolicyVersionID = PolicyVersionID(0)

    /// Nothing stored yet.
    package init() {}
}
