// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What the relay has done since it started, and what it holds now.
package struct RelayCounters: Equatable, Sendable {
    /// Connections that were greeted, ever.
    package var connectionsOpened: UInt64 = 0
    /// Log-ins that succeeded, ever.
    package var logins: UInt64 = 0
    /// Packets that arrived from clients.
    package var packetsReceived: UInt64 = 0
    /// Of those, how many look like path discovery.
    package var discoPacketsReceived: UInt64 = 0
    /// Bytes of packets that arrived from clients, without framing.
    package var bytesReceived: UInt64 = 0
    /// Packets that were queued for a connected client; some may be dropped later.
    package var packetsQueued: UInt64 = 0
    /// Departures that were queued to be told.
    package var noticesQueued: UInt64 = 0
    /// Packets and notices that went no further.
    package var drops: [RelayDropReason: UInt64] = [:]
    /// Connections that ended, by ``RelayCloseReason/label``.
    package var closes: [String: UInt64] = [:]

    /// Connections that have not logged in, now.
    package var pendingLogins = 0
    /// Clients with at least one connection, now.
    package var clients = 0
    /// Connections that are logged in, now; more than ``clients`` when some have two.
    package var connections = 0
    /// Connections whose client calls this relay its home, now.
    package var homeConnections = 0

    /// Nothing yet.
    package init() {}

    /// Counts a drop.
    package mutating func drop(_ reason: RelayDropReason, count: Int = 1) {
        guard count > 0 else { return }
        drops[reason, default: 0] += UInt64(count)
    }
}
