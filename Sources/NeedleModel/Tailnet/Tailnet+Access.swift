// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedlePolicy
internal import NeedleTypes
internal import NeedleWire

extension Tailnet {
    /// Whom `node` may see: what the policy says, and nobody once its key has expired.
    ///
    /// Clients block themselves when their key expires, but tailscale-rs does not (reference 7.5).
    package func view(of node: NodeVersion) -> AccessView {
        AccessView(
            policyChanged: policyChanged,
            visibilityClass: node.isExpired ? nil : policy.visibilityClass(of: node.slot),
            peers: node.isExpired ? NodeSet() : policy.classPeers(of: node.slot)
        )
    }

    /// The packet filter of `node` in parts; an expired node lets nobody in.
    func filterChunks(for node: NodeVersion, _ lists: inout DividedLists) -> [PolicyChunk] {
        node.isExpired ? [] : policy.filterChunks(of: node.slot, &lists)
    }

    /// Who may log in to `node` by SSH; nothing when nobody may.
    func sshPolicy(for node: NodeVersion) -> SSHPolicy? {
        node.isExpired ? nil : policy.sshPolicy(of: node.slot, checkURL: settings.serverURL)
    }

    /// What `viewer` is told of the routes and attributes of the router `peer`.
    func access(of viewer: NodeVersion, to peer: NodeVersion) -> PeerAccess {
        var access = policy.access(of: viewer.slot, to: peer.slot)
        if peer.isExpired { access.allowedIPs = [] }
        return access
    }
}
