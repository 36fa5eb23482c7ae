// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// What a policy can know about a node; whoever keeps the nodes hands in a new value when one of these changes.
package struct NodeFacts: Hashable, Sendable {
    package let slot: NodeSlot
    package let id: NodeID
    /// Absent when the node is tagged.
    package var user: UserFacts?
    package var tags: [String]
    package var addresses: [IPAddress]
    package var advertisedRoutes: [IPPrefix]
    package var approvedRoutes: [IPPrefix]
    /// Decides who is primary among several routers; absent sorts last.
    package var created: Timestamp?
    /// For postures: `node:os` and so on.
    package var attributes: [String: AttributeValue]
    package var isOnline: Bool

    package init(
        slot: NodeSlot,
        id: NodeID,
        user: UserFacts? = nil,
        tags: [String] = [],
        addresses: [IPAddress] = [],
        advertisedRoutes: [IPPrefix] = [],
        approvedRoutes: [IPPrefix] = [],
        created: Timestamp? = nil,
        attributes: [String: AttributeValue] = [:],
        isOnline: Bool = true
    ) {
        self.slot = slot
        self.id = id
        self.user = user
        self.tags = tags
        self.addresses = addresses
        self.advertisedRoutes = advertisedRoutes
        self.approvedRoutes = approvedRoutes
        self.created = created
        self.attributes = attributes
        self.isOnline = isOnline
    }

    /// Whether the node belongs to its tags instead of a user.
    package var isTagged: Bool { !tags.isEmpty }
}
