// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

extension PolicyGraph {
    /// What another policy changes for the same nodes, of which `names` are what they are called.
    ///
    /// `new` is best made by ``init(policy:tailnet:replacing:)``.
    ///
    /// - Complexity: classes × rules that lead to them, and for each change the names of nodes; never nodes × nodes.
    package func difference(to new: PolicyGraph, names: @escaping (NodeSlot) -> String) -> PolicyDifference {
        var comparison = GraphComparison(self, new, names: names)
        return comparison.difference()
    }
}
