// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// The kinds of node that have occurred, each with what the policy says about it.
///
/// Two nodes that lie in exactly the same selectors share a class; so what follows from the policy alone is worked out
/// once for each class.
struct ClassTable: Sendable {
    /// Which classes a node of one class matters to; grows as classes come.
    struct Links: Sendable {
        /// Those that may see it.
        var peers = DenseSet()
        /// Those in whose packet filters it stands.
        var fed = DenseSet()
        /// The classes that were looked at.
        var count = 0
    }

    private var classes = PagedArray<NodeClass>()
    private var ids = ShardedDictionary<[SelectorID], Int>()
    /// By selector, the classes in it.
    private var bySelector: PagedArray<[Int32]>
    private var links = PagedArray<Links>()

    init(selectors: Int) {
        bySelector = PagedArray(repeating: [], count: selectors)
    }

    var count: Int { classes.count }

    subscript(id: Int) -> NodeClass { classes[id] }

    /// The class of nodes in exactly `selectors`, which are in rising order.
    mutating func id(of selectors: [SelectorID], in policy: CompiledPolicy) -> Int {
        if let id = ids[selectors] { return id }
        let id = classes.count
        ids[selectors] = id
        classes.append(NodeClass(selectors, in: policy))
        for selector in selectors { bySelector.update(Int(selector)) { $0.append(Int32(id)) } }
        links.append(Links())
        return id
    }

    /// The classes that nodes of the class `id` matter to, among all that there are by now.
    ///
    /// - Complexity: O(classes since the last time).
    mutating func links(of id: Int) -> Links {
        let known = links[id]
        guard known.count < count else { return known }
        let extended = known.count == 0 ? firstLinks(of: id) : extended(known, of: id)
        links.update(id) { $0 = extended }
        return extended
    }

    private func firstLinks(of id: Int) -> Links {
        let ends = classes[id].ends
        var result = Links(count: count)
        var both = ends.reaches
        both.formUnion(ends.reachedFrom)
        collect(both, into: &result.peers)
        collect(ends.feeds, into: &result.fed)
        return result
    }

    private func collect(_ selectors: DenseSet, into found: inout DenseSet) {
        for selector in selectors {
            for other in bySelector[selector] { found.insert(Int(other)) }
        }
    }

    /// Works out all links at once, which is cheaper than one by one when there are many new classes.
    mutating func linkAll() {
        var inside = Array(repeating: DenseSet(), count: bySelector.count)
        for (selector, classes) in bySelector.enumerated() {
            for id in classes { inside[selector].insert(Int(id)) }
        }
        for id in 0..<count {
            let ends = classes[id].ends
            var both = ends.reaches
            both.formUnion(ends.reachedFrom)
            var result = Links(count: count)
            for selector in both { result.peers.formUnion(inside[selector]) }
            for selector in ends.feeds { result.fed.formUnion(inside[selector]) }
            links.update(id) { $0 = result }
        }
    }

    private func extended(_ known: Links, of id: Int) -> Links {
        var result = known
        let kind = classes[id]
        for other in known.count..<count {
            if kind.sees(classes[other]) { result.peers.insert(other) }
            if kind.feeds(classes[other]) { result.fed.insert(other) }
        }
        result.count = count
        return result
    }
}
