// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What is known of the nodes in a selector without looking at them.
struct SelectorState: Sendable {
    private(set) var sum = MemberSum()
    /// See ``ChangeStamps``.
    private(set) var changed: UInt64

    init(changed: UInt64) {
        self.changed = changed
    }

    mutating func add(_ hash: UInt64, count: Int) {
        sum.add(hash, count: count)
    }

    /// A node with this hash came or went.
    mutating func set(_ hash: UInt64, _ isPresent: Bool, at stamp: UInt64) {
        sum.set(hash, isPresent)
        changed = stamp
    }
}
