// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The sources of a chunk, which many nodes have in common.
package struct SharedSources: Hashable, Sendable {
    /// Which list of the policy in force it is.
    let list: Int32
    /// About how many nodes it stands for.
    package let nodeCount: Int32
    /// How much of the list it is.
    let portion: SourcePortion
    /// Equal when that stands for the same addresses.
    package let version: UInt64

    package func hash(into hasher: inout Hasher) {
        hasher.combine(version)
    }
}
