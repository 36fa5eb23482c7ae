// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The sizes of a preset, each of which can be set to something else.
package struct PresetSizes: Equatable, Sendable {
    /// Nodes; nil where they follow from the teams.
    package var nodes: Int?
    /// Rules of the policy.
    package var rules = 0
    /// Users.
    package var users = 0
    /// Groups of users.
    package var groups = 0
    /// Users of a group.
    package var groupUsers = 1...1
    /// Tags.
    package var tags = 0
    /// Prefixes outside the tailnet that the policy names.
    package var hosts = 0
    /// The share of nodes that are tagged.
    package var tagged = 0.0
    /// Teams, each with a challenge box.
    package var teams = 0
    /// Participants of a team.
    package var teamUsers = 0
    /// Nodes of each kind of shared infrastructure.
    package var infrastructure = 0
}
