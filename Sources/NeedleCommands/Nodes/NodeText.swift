// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleAdmin
internal import NeedleTypes

/// How a node's facts read.
struct NodeText {
    let node: NodeObject
    let now: Timestamp

    /// The tags, or the user.
    var owner: String {
        node.tags.isEmpty ? node.user?.name ?? "-" : node.tags.joined(separator: ",")
    }

    /// Whether its key no longer counts.
    var isExpired: Bool { node.expiry.map { $0 <= now } ?? false }

    var state: TextTable.Cell {
        if isExpired { return .init("expired", .bad) }
        return node.online ? .init("online", .good) : .init("offline", .faint)
    }

    var lastSeen: String {
        if node.online { return "now" }
        return node.lastSeen.map { TimeText.relative($0, to: now) } ?? "never"
    }

    var expiry: TextTable.Cell {
        guard let expiry = node.expiry else { return "never" }
        return .init(TimeText.relative(expiry, to: now), isExpired ? .bad : nil)
    }
}
