// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a map message says about who is a peer, and of filters; everything else in it is passed over.
package enum PeerFact: Hashable, Sendable {
    /// The message only shows that the server is there.
    case keepAlive
    /// The client's own node.
    case own(Int64)
    /// All peers before are forgotten; comes before the first peer of a list that is whole.
    case replaceAll
    /// A peer that is there, new or not.
    case peer(Int64)
    /// A peer that is gone.
    case removed(Int64)
    /// A peer about which something small was said.
    case patched(Int64)
    /// The message has a packet filter, or a part of one.
    case filter
    /// A rule of the filter is for the port that marks a plan's second policy.
    case marker
}
