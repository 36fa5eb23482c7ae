// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// What is known of the nodes in a selector without looking at them, by band of slots; see ``SourceBandLayout``.
struct MemberBands: Sendable {
    /// As ``SelectorState``, of the nodes in one band.
    struct Band: Sendable {
        var hash: UInt64 = 0
        var count = 0

        mutating func add(_ other: Band, times factor: UInt64 = 1) {
            hash &+= other.hash &* factor
            count += other.count
        }
    }

    private(set) var bands: [Band] = []

    var isEmpty: Bool { bands.isEmpty }

    /// A node with this hash came or went.
    mutating func set(_ slot: NodeSlot, _ hash: UInt64, _ isPresent: Bool, _ layout: SourceBandLayout) {
        let index = slot.index / layout.width
        while bands.count <= index { bands.append(Band()) }
        bands[index].hash = isPresent ? bands[index].hash &+ hash : bands[index].hash &- hash
        bands[index].count += isPresent ? 1 : -1
    }
}
