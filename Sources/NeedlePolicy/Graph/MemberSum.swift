// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What is known of some nodes without looking at them.
struct MemberSum: Sendable {
    /// A sum over the nodes that tells whether their addresses changed.
    private(set) var hash: UInt64 = 0
    private(set) var count: Int32 = 0

    mutating func add(_ other: MemberSum, times factor: UInt64 = 1) {
        hash &+= other.hash &* factor
        count += other.count
    }

    /// So many nodes came, whose hashes have this sum.
    mutating func add(_ hash: UInt64, count: Int) {
        self.hash &+= hash
        self.count += Int32(count)
    }

    /// A node with this hash came or went.
    mutating func set(_ hash: UInt64, _ isPresent: Bool) {
        self.hash = isPresent ? self.hash &+ hash : self.hash &- hash
        count += isPresent ? 1 : -1
    }
}
