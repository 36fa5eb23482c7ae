// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// The second end of a question, as the destinations of rules see it at the node whose packet filter decides.
struct ExplainedTarget {
    typealias Match = PolicyExplanation.Match

    let graph: PolicyGraph
    let compiler: PolicyCompiler
    let wording: AliasWording
    let end: PolicyQuestion.End
    /// The node whose filter lets packets in: the end itself, or the router before it.
    let gate: NodeSlot
    /// Where the packets go to.
    let addresses: [IPAddress]

    /// The second end, behind `router` if it is no node.
    init(_ end: PolicyQuestion.End, gate: NodeSlot, graph: PolicyGraph, compiler: PolicyCompiler, wording: AliasWording)
    {
        self.graph = graph
        self.compiler = compiler
        self.wording = wording
        self.end = end
        self.gate = gate
        switch end {
        case .node(let slot): addresses = graph.node(slot)?.reach.addresses ?? []
        case .address(let address): addresses = [address]
        }
    }

    /// Whether the end is what `alias` stands for, through routers with one of the tags of `via` if there are any.
    ///
    /// `owner` is the user among whose own devices the other end is; `autogroup:self` are the devices of the same one.
    func match(_ alias: Alias, via tags: [String] = [], owner: UserFacts?) -> Match? {
        if alias == .autogroup(.selfDevices) { return tags.isEmpty ? ownMatch(owner) : nil }
        guard var selector = compiler.selector(alias), let node = graph.node(gate) else { return nil }
        if !tags.isEmpty { selector = .via(tags.sorted(), selector) }
        guard let id = graph.compiled.table.id(of: selector), graph.nodeClass(node).selectors.contains(id),
            covers(graph.destinationTexts(id, at: node))
        else { return nil }
        let way = tags.isEmpty ? "" : ", through \(wording.names(gate)), which has \(Self.common(tags, node))"
        return Match(name: "\(alias)", reason: wording.reason(alias, end) + way)
    }

    private func ownMatch(_ owner: UserFacts?) -> Match? {
        guard case .node(let slot) = end, let facts = graph.node(slot)?.facts, !facts.isTagged, let owner,
            facts.user?.id == owner.id
        else { return nil }
        let alias = Alias.autogroup(.selfDevices)
        return Match(name: "\(alias)", reason: wording.reason(alias, end))
    }

    private func covers(_ texts: [String]) -> Bool {
        texts.contains { text in
            if text == "*" { return true }
            guard let range = AddressRange(text: text) else { return false }
            return addresses.contains(where: range.contains)
        }
    }

    private static func common(_ tags: [String], _ node: PolicyGraph.Node) -> String {
        tags.filter(node.facts.tags.contains).joined(separator: " and ")
    }
}
