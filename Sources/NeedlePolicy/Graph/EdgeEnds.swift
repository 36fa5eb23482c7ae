// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The selectors at the other ends of the edges of one or several selectors.
struct EdgeEnds: Sendable {
    /// Those that edges from here lead to.
    var reaches = DenseSet()
    /// Those whose edges lead here.
    var reachedFrom = DenseSet()
    /// Those in whose packet filters the nodes from here stand, companions included.
    var feeds = DenseSet()

    mutating func formUnion(_ other: EdgeEnds) {
        reaches.formUnion(other.reaches)
        reachedFrom.formUnion(other.reachedFrom)
        feeds.formUnion(other.feeds)
    }
}
