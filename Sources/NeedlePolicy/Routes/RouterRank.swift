// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// What decides between several routers: the one created first wins.
struct RouterRank {
    let isOnline: Bool
    let created: Timestamp?
    let id: NodeID

    /// Compares as a tuple would; nodes without a time of creation come last, in the order of their ids.
    var key: Key { Key(created: created, id: id) }

    struct Key: Comparable {
        let created: Timestamp?
        let id: NodeID

        static func < (left: Key, right: Key) -> Bool {
            switch (left.created, right.created) {
            case (let one?, let other?) where one != other: one < other
            case (nil, _?): false
            case (_?, nil): true
            default: left.id < right.id
            }
        }
    }
}
