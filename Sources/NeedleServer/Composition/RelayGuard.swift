// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import NeedleTransport
internal import NeedleTypes
internal import Synchronization

/// Cuts nodes that were deleted, expired or given another key off the relay.
///
/// Looks only at nodes that changed since the last publication.
final class RelayGuard: Sendable {
    private let hub: RelayHub
    private let seen: Mutex<Tailnet>

    init(hub: RelayHub, tailnet: Tailnet) {
        self.hub = hub
        seen = Mutex(tailnet)
    }

    /// A new snapshot is there.
    func published(_ tailnet: Tailnet) {
        let lost: [NodeKey] = seen.withLock { old in
            guard old.revision < tailnet.revision else { return [] }
            let before = old
            old = tailnet
            let changed = tailnet.recentChanges.nodes(since: before.revision) ?? NodeSet(before.nodes.all.map(\.slot))
            return changed.compactMap { slot in
                guard let key = before.nodes[slot]?.record.nodeKey, !tailnet.admitsToRelay(key) else { return nil }
                return key
            }
        }
        for key in lost { hub.disconnect(key) }
    }
}
