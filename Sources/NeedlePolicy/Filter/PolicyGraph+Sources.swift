// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

extension PolicyGraph {
    /// What the list of sources with this index stands for, or a part of it.
    func resolve(_ list: Int, _ portion: SourcePortion = .whole) -> ResolvedSources {
        if let slots = portion.slots { return ResolvedSources(nodes: nodes(of: list, in: slots)) }
        var result = ResolvedSources()
        var texts: Set<String> = []
        for id in compiled.sourceLists[list] {
            switch compiled.table[id] {
            case .anywhere: return ResolvedSources(texts: ["*"])
            case .everything:
                texts.formUnion(KnownRanges.everything)
                texts.formUnion(tailnet.otherPrefixes.map(\.description))
                texts.formUnion(routes.subnets.map(\.description))
            case .addresses(let ranges), .internetAddresses(let ranges): texts.formUnion(ranges.map(\.description))
            default: if portion == .whole { result.nodes.formUnion(members[Int(id)]) }
            }
        }
        if !texts.isEmpty, !result.nodes.isEmpty {
            for slot in result.nodes { texts.subtract(node(slot)?.addresses ?? []) }
        }
        result.texts = texts.sorted()
        return result
    }

    private func nodes(of list: Int, in slots: Range<Int>) -> NodeSet {
        compiled.sourceTraits[list].withNodes.reduce(into: NodeSet()) { result, id in
            result.formUnion(members[Int(id)].intersection(slots: slots))
        }
    }

    /// `sources` as a filter rule writes them.
    func texts(of sources: ResolvedSources) -> [String] {
        sources.texts + sources.nodes.flatMap { node($0)?.addresses ?? [] }
    }

    /// The nodes of the owner of `node` that are sources in `list`, for edges to `autogroup:self`.
    func ownSources(_ list: Int, of node: Node) -> NodeSet {
        guard !node.facts.isTagged, let user = node.facts.user, let own = ownNodes[user.id] else { return NodeSet() }
        var result = NodeSet()
        for id in compiled.sourceLists[list] { result.formUnion(own.intersection(members[Int(id)])) }
        return result
    }
}
