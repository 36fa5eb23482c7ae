// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// What one client of a run has seen.
struct SwarmClientResult: Sendable {
    /// Which member of the run it is.
    var member = 0
    var goal = SwarmGoal()
    /// Whether the client has been let go; the rest are held back for later.
    var isReleased = false
    /// Whether it has given up for good.
    var hasGivenUp = false
    /// When it was let in, first of all.
    var registered: NIODeadline?
    /// When it had the first map of this part of the run.
    var firstMap: NIODeadline?
    /// Since when it has what it has to come to see; nil while it has not.
    var exact: NIODeadline?
    /// Map messages of this part of the run.
    var messages = 0
    /// First maps after a break that did not have exactly the peers that the client has to see.
    var wrongMapsAfterBreaks = 0
    var tally = PeerTally()
}
