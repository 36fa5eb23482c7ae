// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

/// What one node is told of another one, beyond what everybody is told.
package struct PeerAccess: Hashable, Sendable {
    /// The addresses and routes that packets to the peer may have, addresses first.
    package var allowedIPs: [IPPrefix] = []
    /// The subnets among them that this peer is responsible for.
    package var primaryRoutes: [IPPrefix] = []
    /// Capabilities to be shown with the peer.
    package var capMap: CapMap = [:]
}
