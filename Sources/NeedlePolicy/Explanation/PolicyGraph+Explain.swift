// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

extension PolicyGraph {
    /// Says whether one end may reach the other, and which rules of the text say so or miss.
    ///
    /// `names` are what nodes are called.
    ///
    /// - Complexity: O(names in rules + nodes); for people who ask, not for the path of a request.
    package func explain(
        _ question: PolicyQuestion,
        names: @escaping (NodeSlot) -> String
    ) -> PolicyExplanation {
        var explainer = Explainer(question, graph: self, names: names)
        return explainer.explain()
    }
}
