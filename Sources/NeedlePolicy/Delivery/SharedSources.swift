// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Which part of a list of sources.
package enum SourcePortion: Hashable, Sendable {
    /// All of it.
    case whole
    /// What is written as it is, without the nodes.
    case texts
    /// The nodes with these slots.
    case slots(Range<Int>)
}

/// The sources of a chunk, which many nodes have in common.
package struct SharedSources: Hashable, Sendable {
    /// Which list of the policy in force it is.
    package let list: Int
    /// How much of it.
    package let portion: SourcePortion
    /// Equal when that stands for the same addresses.
    package let version: UInt64
    /// About how many nodes it stands for.
    package let nodeCount: Int

    package func hash(into hasher: inout Hasher) {
        hasher.combine(version)
    }
}
