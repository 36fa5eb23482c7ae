// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// The untagged nodes of each user.
struct OwnerIndex: Sendable {
    private var nodes = ShardedDictionary<UserID, [NodeSlot]>()

    /// The nodes of `user`; nothing if there are none.
    subscript(user: UserID) -> NodeSet? { nodes[user].map { NodeSet($0) } }

    /// The nodes of each user.
    var values: [NodeSet] { nodes.values.map { NodeSet($0) } }

    /// The nodes of `user`, in rising order.
    func slots(of user: UserID) -> [NodeSlot] { nodes[user] ?? [] }

    mutating func insert(_ slot: NodeSlot, of user: UserID) {
        let place = nodes[user]?.partitioningIndex { $0 >= slot } ?? 0
        guard nodes[user].map({ place == $0.count || $0[place] != slot }) ?? true else { return }
        nodes[user, default: []].insert(slot, at: place)
    }

    mutating func remove(_ slot: NodeSlot, of user: UserID) {
        nodes[user]?.removeAll { $0 == slot }
        if nodes[user]?.isEmpty ?? false { nodes[user] = nil }
    }
}
