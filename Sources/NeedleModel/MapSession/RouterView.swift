// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// How a viewer is told of one router; equal ones are the same JSON at the same revision.
package struct RouterView: Hashable, Sendable {
    let slot: NodeSlot
    /// Tells apart what viewers are told of its routes; means nothing in another process.
    let version: Int

    init(of peer: NodeVersion, for viewer: NodeVersion, in tailnet: Tailnet) {
        slot = peer.slot
        var hasher = Hasher()
        hasher.combine(tailnet.access(of: viewer, to: peer))
        version = hasher.finalize()
    }
}
