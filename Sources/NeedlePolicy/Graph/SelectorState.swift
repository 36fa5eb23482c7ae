// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What is known of the nodes in a selector without looking at them.
struct SelectorState: Sendable {
    /// A sum over the nodes that tells whether their addresses changed.
    private(set) var hash: UInt64 = 0
    private(set) var count: Int32 = 0
    /// See ``ChangeStamps``.
    private(set) var changed: UInt64

    init(changed: UInt64) {
        self.changed = changed
    }

    mutating func add(_ hash: UInt64, count: Int) {
        self.hash &+= hash
        self.count += Int32(count)
    }

    /// A node with this hash came or went.
    mutating func set(_ hash: UInt64, _ isPresent: Bool, at stamp: UInt64) {
        self.hash = isPresent ? self.hash &+ hash : self.hash &- hash
        count += isPresent ? 1 : -1
        changed = stamp
    }
}
