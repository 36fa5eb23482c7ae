// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleWire

/// A named part of a node's packet filter: what one list of sources may do there.
///
/// The name follows from how the sources are spelled, so a chunk keeps it when the policy around it changes.
package struct PolicyChunk: Sendable {
    /// What the rules of a chunk are made from.
    enum Content: Sendable {
        case packets(NodeClass.PacketPart)
        case capabilities(edge: Int)
        case ownDevices(edge: Int)
    }

    /// The client's name for it.
    package let name: String
    /// Equal when the rules are equal; a different one tells that they have to be sent again.
    package let version: UInt64
    let content: Content
}
