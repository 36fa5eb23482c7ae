// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a client has to come to see in one part of a run.
struct SwarmGoal: Equatable, Sendable {
    /// How many peers it must have.
    var expectedPeers = 0
    /// Whether it must be sent a packet filter, or a part of one.
    var needsFilter = false
    /// Whether the filter must have the port that marks a second policy.
    var needsMarker = false
}
