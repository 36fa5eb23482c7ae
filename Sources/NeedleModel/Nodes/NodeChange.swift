// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What about a node has changed, as far as anybody is told.
package struct NodeChange: OptionSet, Sendable, Hashable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Peers need the whole node again; so does the node itself.
    package static let whole = NodeChange(rawValue: 1 << 0)
    /// Fits a patch: where it can be reached.
    package static let endpoints = NodeChange(rawValue: 1 << 1)
    /// Fits a patch: its home relay.
    package static let homeDERP = NodeChange(rawValue: 1 << 2)
    /// Fits a patch: connected or not, and last seen when not.
    package static let online = NodeChange(rawValue: 1 << 3)
    /// Fits a patch: its node key; the node itself is told as well.
    package static let key = NodeChange(rawValue: 1 << 4)
    /// Fits a patch: its discovery key.
    package static let disco = NodeChange(rawValue: 1 << 5)
    /// Fits a patch: when its key expires; the node itself is told as well.
    package static let expiry = NodeChange(rawValue: 1 << 6)
    /// Fits a patch: what its client understands.
    package static let capability = NodeChange(rawValue: 1 << 7)
    /// Viewers may be told differently of the routes that it serves.
    package static let routes = NodeChange(rawValue: 1 << 8)

    /// The changes that may be told a moment later, together with others.
    static let ableToWait: NodeChange = [.endpoints, .homeDERP, .online]
    /// The changes that the node itself must hear of.
    static let ofInterestToItself: NodeChange = [.whole, .key, .expiry]
}
