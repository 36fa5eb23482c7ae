// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// How soon those whom a change concerns are to be told of it.
package enum Haste: Int, Comparable, Sendable {
    /// Together with more of the kind: where nodes can be reached, and whether they are connected.
    case whenever
    /// Together with what the node does next: it has registered, and cannot be reached before it opens its stream.
    case soon
    /// At once.
    case now

    package static func < (left: Haste, right: Haste) -> Bool { left.rawValue < right.rawValue }
}
