// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// How long lists of sources are divided: by the slots of their nodes, into bands.
///
/// Each band is a chunk of its own in the packet filters of those whom the list may reach, so that a node which comes or
/// goes makes one band new and not the whole list: with 5,000 nodes that may all reach each other as
/// `autogroup:member`, each is sent 128 nodes for one that joins and not 5,000.
package struct SourceBandLayout: Sendable {
    /// The layout of a server.
    package static let usual = SourceBandLayout(width: 128)

    /// How many slots the narrowest band has.
    package let width: Int

    /// A layout whose narrowest bands have `width` slots, at least one.
    package init(width: Int) {
        self.width = max(width, 1)
    }

    /// From how many nodes on a list is divided.
    var dividedNodesMin: Int { 2 * width }

    /// From how many nodes on a selector keeps sums by band; for others they are added up when they are asked for.
    var summedNodesMin: Int { width }

    /// Of how many narrow bands one is made when `nodes` nodes lie in `bands` of them, so that bands of a list with few
    /// nodes among many slots are not nearly empty: each has a name and destinations, too.
    func bandsJoined(nodes: Int, in bands: Int) -> Int {
        var joined = 1
        while joined * 2 * nodes < bands * width { joined *= 2 }
        return joined
    }
}
