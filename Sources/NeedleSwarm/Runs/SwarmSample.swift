// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// How far a run was at a moment, for a chart.
struct SwarmSample: Equatable, Sendable {
    var progress: SwarmProgress
    /// What is going on.
    var phase: String
}
