// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A node's dense index while the server runs; not kept on disk.
///
/// A slot is used again after its node is gone, but only when no map session can still remember the old node.
package struct NodeSlot: Hashable, Comparable, Sendable {
    /// From 0 up; as small as the number of nodes allows.
    package let index: Int

    /// Names the slot at `index`.
    package init(_ index: Int) {
        self.index = index
    }

    package static func < (left: Self, right: Self) -> Bool { left.index < right.index }
}
