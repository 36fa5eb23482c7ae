// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// What one client of a run has seen.
struct SwarmClientResult: Sendable {
    var expectedPeers = 0
    var registered: NIODeadline?
    var firstMap: NIODeadline?
    /// Since when it has exactly its peers; nil while it has not.
    var exact: NIODeadline?
    var tally = PeerTally()
}
