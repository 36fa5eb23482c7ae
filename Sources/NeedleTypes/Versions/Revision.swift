// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Counts committed batches of one tailnet; what happened later has the larger revision.
package struct Revision: Hashable, Comparable, Sendable {
    /// 0 before anything was committed.
    package let value: UInt64

    /// The revision with this number.
    package init(_ value: UInt64) {
        self.value = value
    }

    /// Before anything was committed.
    package static let zero = Revision(0)

    /// The one after this.
    package var next: Revision { Revision(value + 1) }

    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}
