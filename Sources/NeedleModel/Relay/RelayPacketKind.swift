// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Which of a connection's two queues a packet waits in.
package enum RelayPacketKind: Sendable, Hashable, CaseIterable {
    /// WireGuard, or anything else that is not known.
    case data
    /// Path discovery, which must not wait behind a download.
    case disco
}
