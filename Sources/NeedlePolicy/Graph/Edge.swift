// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// One thing that a rule allows, from a list of sources to destinations.
struct Edge: Sendable {
    enum Payload: Sendable {
        /// Packets; no protocols means the usual ones.
        case packets(protocols: [Int], ports: [PortRange])
        /// Capabilities.
        case capabilities(CapMap)
    }

    /// Where its filter rule belongs: edges are numbered in the order of the policy, grants before ACLs.
    let order: Int
    /// Where in the text the rule stands.
    let offset: Int
    /// Index of the list of sources.
    let sources: Int
    /// Empty for `autogroup:self`; one for packets.
    let destinations: [SelectorID]
    /// Whether the destinations are each user's own devices.
    let isSelf: Bool
    /// Whether sources are, the other way round, what the rule named as destinations.
    var isCompanion = false
    let payload: Payload

    /// Whether it lets packets through.
    var isPackets: Bool { if case .packets = payload { true } else { false } }
}
