// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes
package import NeedleWire

/// What a connection is to be sent; the shell adds keys, seals and framing.
package enum RelayOutbound<Payload: DERPBytes>: Equatable, Sendable {
    /// The server's key.
    case greeting
    /// The answer to the log-in, sealed to this key.
    case serverInfo(to: NodeKey)
    /// A sign of life.
    case keepAlive
    /// The answer to a ping.
    case pong(UInt64)
    /// A peer cannot be reached here.
    case peerGone(NodeKey, DERPPeerGoneReason)
    /// A packet from another client.
    case packet(from: NodeKey, Payload)
}
