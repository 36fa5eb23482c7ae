// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// Walks the rules of a policy once and sorts them by what they have to do with two ends.
struct Explainer {
    typealias Rule = PolicyExplanation.Rule
    typealias Match = PolicyExplanation.Match

    let question: PolicyQuestion
    let graph: PolicyGraph
    let names: (NodeSlot) -> String
    let source: ExplainedSource
    let way: ExplainedWay
    let target: ExplainedTarget?
    let text: RuleText
    var result: PolicyExplanation

    init(_ question: PolicyQuestion, graph: PolicyGraph, names: @escaping (NodeSlot) -> String) {
        self.question = question
        self.graph = graph
        self.names = names
        let compiler = PolicyCompiler(graph.policy.syntax)
        let wording = AliasWording(graph: graph, compiler: compiler, names: names)
        source = ExplainedSource(question.from, graph: graph, compiler: compiler, wording: wording)
        way = ExplainedWay(from: source.slot, to: question.to, graph: graph, names: names)
        target = way.gate.map {
            ExplainedTarget(question.to, gate: $0, graph: graph, compiler: compiler, wording: wording)
        }
        text = RuleText(graph.policy)
        result = PolicyExplanation(
            from: Self.end(question.from, graph, names),
            to: Self.end(question.to, graph, names),
            traffic: question.traffic
        )
    }

    private static func end(
        _ end: PolicyQuestion.End,
        _ graph: PolicyGraph,
        _ names: (NodeSlot) -> String
    ) -> PolicyExplanation.End {
        switch end {
        case .address(let address):
            return PolicyExplanation.End(name: "\(address)", owner: nil, addresses: ["\(address)"])
        case .node(let slot):
            let facts = graph.node(slot)?.facts
            let owner = facts.flatMap { facts in
                facts.isTagged ? facts.tags.joined(separator: ",") : facts.user.map(AliasWording.name)
            }
            return PolicyExplanation.End(name: names(slot), owner: owner, addresses: graph.node(slot)?.addresses ?? [])
        }
    }

    mutating func explain() -> PolicyExplanation {
        result.notes = way.notes
        if question.from == question.to {
            result.isAllowed = true
            result.notes.append("both are the same node, and the policy is about traffic between nodes")
        } else if let target {
            if case .address = question.to { result.through = names(target.gate) }
            walkRules()
            let isOwnRoute = target.gate == source.slot
            result.isAllowed = isOwnRoute || way.isOpen && result.allowing.total > 0
        }
        explainLogin()
        return result
    }

    private mutating func walkRules() {
        let syntax = graph.policy.syntax
        guard syntax.accessRules != nil || syntax.grants != nil else {
            result.notes.append("the policy has neither acls nor grants, so that everything may reach everything")
            result.isAllowed = true
            result.allowing.total = max(1, result.allowing.total)
            return
        }
        for (index, rule) in (syntax.accessRules ?? []).enumerated() { sort(rule, index + 1) }
        for (index, grant) in (syntax.grants ?? []).enumerated() { sort(grant, index + 1) }
    }

    // MARK: - Rules

    private mutating func sort(_ rule: PolicySyntax.AccessRule, _ number: Int) {
        let from = source.match(rule.sources, rule.postures)
        var to: Match?
        var ports: [PortRange] = []
        for (alias, allowed) in rule.destinations {
            guard let match = target?.match(alias.value, owner: source.owner) else { continue }
            let isBetter = to == nil || !isAsked(rule.protocols, ports)
            if isBetter { (to, ports) = (match, allowed) }
        }
        let kind = RuleText.Place(section: "acls", number: number, offset: rule.offset)
        let allows = TrafficText.of(rule.protocols, ports)
        sort(kind, from, to, allows: to == nil ? "" : allows, isAsked: to != nil && isAsked(rule.protocols, ports))
    }

    private mutating func sort(_ grant: PolicySyntax.Grant, _ number: Int) {
        let from = source.match(grant.sources, grant.postures)
        let tags = grant.via.map(\.value)
        let to = grant.destinations.lazy.compactMap { [target, source] alias in
            target?.match(alias.value, via: tags, owner: source.owner)
        }.first
        let place = RuleText.Place(section: "grants", number: number, offset: grant.offset)
        if !grant.ip.isEmpty {
            let allows = grant.ip.map { TrafficText.of($0.protocols, $0.ports) }.joined(separator: "; ")
            sort(place, from, to, allows: allows, isAsked: grant.ip.contains { isAsked($0.protocols, $0.ports) })
        }
        if !grant.app.isEmpty, tags.isEmpty, let from, from.obstacle == nil, let to {
            let capabilities = grant.app.map(\.name).joined(separator: ", ")
            append(to: \.capabilities) { $0.rule(place, from.match, to, capabilities) }
        }
    }

    /// Whether a rule for these protocols and ports is about what was asked.
    private func isAsked(_ protocols: [Int], _ ports: [PortRange]) -> Bool {
        if let number = question.protocolNumber {
            guard protocols.isEmpty ? IPProtocol.usual.contains(number) : protocols.contains(number) else {
                return false
            }
            guard IPProtocol.withPorts.contains(number) else { return true }
        }
        guard let port = question.port else { return !ports.isEmpty }
        let hasPorts = protocols.isEmpty || protocols.contains(where: IPProtocol.withPorts.contains)
        return hasPorts && ports.contains { $0.first <= port && port <= $0.last }
    }

    private mutating func sort(
        _ place: RuleText.Place,
        _ from: (match: Match, obstacle: String?)?,
        _ to: Match?,
        allows: String,
        isAsked: Bool
    ) {
        guard from != nil || to != nil else { return }
        let list: WritableKeyPath<PolicyExplanation, PolicyExplanation.Rules> =
            if to == nil {
                \.otherDestinations
            } else if from == nil {
                \.otherSources
            } else if from?.obstacle != nil {
                \.unmetPostures
            } else {
                isAsked ? \.allowing : \.otherTraffic
            }
        append(to: list) { $0.rule(place, from?.match, to, allows, from?.obstacle) }
    }

    private mutating func append(
        to list: WritableKeyPath<PolicyExplanation, PolicyExplanation.Rules>,
        _ make: (Explainer) -> Rule
    ) {
        let explainer = self
        result[keyPath: list].append { make(explainer) }
    }

    func rule(
        _ place: RuleText.Place,
        _ from: Match?,
        _ to: Match?,
        _ allows: String,
        _ obstacle: String? = nil
    ) -> Rule {
        Rule(
            section: place.section,
            number: place.number,
            line: text.line(at: place.offset),
            text: text.line(ofRuleAt: place.offset),
            from: from,
            to: to,
            allows: allows,
            obstacle: obstacle
        )
    }
}
