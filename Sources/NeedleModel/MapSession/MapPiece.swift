// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedlePolicy
package import NeedleTypes

/// A part of a map message's JSON; a message is its pieces one after the other.
///
/// Pieces that many clients receive have a key, so that they are encoded and compressed once. (zstd frames may follow
/// one another inside one message, reference 4.1.)
package enum MapPiece: Sendable {
    /// For this client alone.
    case own(ArraySlice<UInt8>)
    /// The same for every message that has a piece with this key.
    case shared(Key, json: @Sendable () -> [UInt8])

    /// Names the contents of a shared piece: equal keys, equal bytes, as long as the server runs.
    package enum Key: Hashable, Sendable {
        /// Some peers of one page of the node table, as elements of a list.
        case peers(page: Int, changed: Revision, visible: UInt64, isFirst: Bool, routers: [RouterView])
        /// Changes of some peers.
        case peerChanges(PeerChanges)
        /// The sources of a filter rule, as a list; of the policy that came into force then.
        case sources(SharedSources, policy: Revision)
        /// The relays.
        case derpMap(Revision)
        /// The DNS settings.
        case dns(Revision)
        /// The profiles of a run of users, as elements of a list.
        case profiles(page: Int, changed: Revision, run: AlignedRun, isFirst: Bool)
    }

    /// See ``Key/peerChanges(_:)``; what is told, so that it is the same for whoever is told the same.
    package struct PeerChanges: Hashable, Sendable {
        let upTo: Revision
        let whole: [NodeSlot]
        let routers: [RouterView]
        let patched: [MapDifference.Patch]
        let removed: [NodeID]
        let isWholeMessage: Bool
    }
}
