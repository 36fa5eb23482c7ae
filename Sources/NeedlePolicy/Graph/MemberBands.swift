// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// What is known of the nodes in a selector without looking at them, by band of slots; see ``SourceBandLayout``.
struct MemberBands: Sendable {
    private(set) var bands: [MemberSum] = []

    var isEmpty: Bool { bands.isEmpty }

    /// A node with this hash came or went.
    mutating func set(_ slot: NodeSlot, _ hash: UInt64, _ isPresent: Bool, _ layout: SourceBandLayout) {
        let index = slot.index / layout.width
        while bands.count <= index { bands.append(MemberSum()) }
        bands[index].set(hash, isPresent)
    }
}
