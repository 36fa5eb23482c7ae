// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// The kinds of node that have occurred, each with what the policy says about it.
///
/// Two nodes that lie in exactly the same selectors share a class; so what follows from the policy alone is worked out
/// once for each class.
struct ClassTable: Sendable {
    private(set) var classes: [NodeClass] = []
    private var ids: [[SelectorID]: Int] = [:]

    subscript(id: Int) -> NodeClass { classes[id] }

    /// The class of nodes in exactly `selectors`, which are in rising order.
    mutating func id(of selectors: [SelectorID], in policy: CompiledPolicy) -> Int {
        if let id = ids[selectors] { return id }
        ids[selectors] = classes.count
        classes.append(NodeClass(selectors, in: policy))
        return classes.count - 1
    }
}
