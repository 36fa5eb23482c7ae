// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a fleet for a user's own policy is to look like.
package struct FleetProportions: Equatable, Sendable {
    /// Nodes of the fleet.
    package var nodes: Int
    /// The share of nodes that are tagged; nil takes as much as the policy has tags among the names it has.
    package var tagged: Double?
    /// Users besides those that the policy names.
    package var strangers = 0
    /// What the random numbers begin with.
    package var seed = "1"

    /// So many nodes.
    package init(nodes: Int) {
        self.nodes = nodes
    }
}
