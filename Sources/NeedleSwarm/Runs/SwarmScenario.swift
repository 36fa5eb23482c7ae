// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What happens to the clients of a run after all have joined.
package enum SwarmScenario: String, CaseIterable, Sendable {
    /// Nothing more.
    case join
    /// Nothing for a while; what that costs the server is measured.
    case idle
    /// All streams drop at once; with a server that the run may restart, that is killed.
    case reconnect
    /// The second policy is set, and then the first again.
    case policy
    /// A policy is set that concerns few.
    case edit
    /// Nodes that were held back join one by one.
    case newcomer
    /// Endpoints and home relays change, and clients go and come.
    case churn
    /// All of these by turns, for a long time.
    case soak
}
