// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// Something that happens to a node when time has passed, unless it was overtaken by then.
struct TailnetTimer: Comparable, Sendable {
    enum Kind: UInt8, Sendable {
        /// Its key may have expired.
        case keyExpiry
        /// It may have been away long enough for others to be told.
        case offline
        /// It may have been away long enough to be deleted.
        case ephemeral
    }

    let due: Timestamp
    let kind: Kind
    let node: NodeID

    static func < (left: Self, right: Self) -> Bool {
        (left.due, left.node, left.kind.rawValue) < (right.due, right.node, right.kind.rawValue)
    }
}
