// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// What of a node's addresses and routes is in force.
struct NodeReach: Equatable, Sendable {
    /// Without IPv4 when that is switched off for the node.
    var addresses: [IPAddress] = []
    /// Approved routes that are advertised, in rising order, without the two of an exit node.
    var subnets: [IPPrefix] = []
    var isExitNode = false
}
