// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Why a peer cannot be reached through this relay.
package enum DERPPeerGoneReason: UInt8, Sendable, Hashable, CaseIterable {
    /// It was connected, and has gone.
    case disconnected = 0
    /// It was not connected when a packet came for it.
    case notHere = 1
}
