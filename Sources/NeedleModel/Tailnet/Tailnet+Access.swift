// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedlePolicy
internal import NeedleTypes

extension Tailnet {
    /// Whom `node` may see: what the policy says, and nobody once its key has expired.
    ///
    /// Clients block themselves when their key expires, but tailscale-rs does not (reference 7.5).
    package func view(of node: NodeVersion) -> AccessView {
        node.isExpired ? .nobody : access.view(of: node.slot)
    }

    /// The packet filter of `node`; an expired node lets nobody in.
    package func filterChunks(for node: NodeVersion) -> [FilterChunk] {
        node.isExpired ? [] : access.filterChunks(for: node.slot)
    }
}
