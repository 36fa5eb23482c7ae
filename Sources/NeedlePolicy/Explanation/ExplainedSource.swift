// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// The first end of a question, as the sources of rules see it.
struct ExplainedSource {
    typealias Match = PolicyExplanation.Match

    let graph: PolicyGraph
    let compiler: PolicyCompiler
    let wording: AliasWording
    let end: PolicyQuestion.End
    /// What its packets come from.
    let addresses: [IPAddress]

    init(_ end: PolicyQuestion.End, graph: PolicyGraph, compiler: PolicyCompiler, wording: AliasWording) {
        self.graph = graph
        self.compiler = compiler
        self.wording = wording
        self.end = end
        switch end {
        case .node(let slot): addresses = graph.node(slot)?.reach.addresses ?? []
        case .address(let address): addresses = [address]
        }
    }

    /// The node, if it is one.
    var slot: NodeSlot? {
        if case .node(let slot) = end { slot } else { nil }
    }

    /// The user whose own devices the end is among, if it is.
    var owner: UserFacts? {
        guard let facts = slot.flatMap({ graph.node($0)?.facts }), !facts.isTagged else { return nil }
        return facts.user
    }

    /// The first of `aliases` that the end is in.
    ///
    /// With postures it counts as a source only if it meets one of them; why it does not is the obstacle.
    func match(
        _ aliases: [PolicySyntax.PlacedAlias],
        _ postures: [PolicySyntax.Placed<String>]?
    ) -> (match: Match, obstacle: String?)? {
        let required = compiler.conditions(postures)
        var unmet: Match?
        for alias in aliases {
            guard let selector = compiler.selector(alias.value) else { continue }
            let isSource = contains(required.isEmpty ? selector : .conditional(PostureSet(required), selector))
            guard isSource || !required.isEmpty && contains(selector) else { continue }
            let match = Match(name: "\(alias.value)", reason: wording.reason(alias.value, end))
            if isSource { return (match, nil) }
            unmet = unmet ?? match
        }
        return unmet.map { ($0, obstacle(postures ?? graph.policy.syntax.defaultPostures)) }
    }

    /// Whether packets from the end are among those from `selector`.
    func contains(_ selector: Selector) -> Bool {
        switch selector {
        case .anywhere:
            return true
        case .everything:
            return addresses.contains { address in
                KnownRanges.everything.contains { AddressRange(text: $0)?.contains(address) ?? false }
                    || graph.routes.subnets.contains { $0.contains(address) }
            }
        case .addresses(let ranges), .internetAddresses(let ranges):
            return addresses.contains { address in ranges.contains { $0.contains(address) } }
        default:
            guard let slot, let id = graph.compiled.table.id(of: selector) else { return false }
            return graph.members[Int(id)].contains(slot)
        }
    }

    private func obstacle(_ names: [PolicySyntax.Placed<String>]) -> String {
        guard let facts = slot.flatMap({ graph.node($0)?.facts }) else { return "only nodes can meet postures" }
        let faults = names.map { name -> String in
            let conditions =
                graph.policy.syntax.postures[name.value] ?? (try? PostureParser.parse(name.value)).map { [$0] }
            let failed = (conditions ?? []).first { !$0.holds(for: facts.attributes) }
            guard let failed else { return "\(name.value) is not met" }
            let actual = facts.attributes[failed.attribute].map { "it is \($0.text)" } ?? "it is not known"
            return "\(name.value) asks for \(failed.text), and \(actual)"
        }
        return faults.joined(separator: "; ")
    }
}

extension PostureCondition {
    /// As a policy writes it.
    var text: String {
        let list = values.map(\.text).joined(separator: ", ")
        return switch relation {
        case .isSet, .notSet: "\(attribute) \(relation.rawValue)"
        case .oneOf, .noneOf: "\(attribute) \(relation.rawValue) [\(list)]"
        default: "\(attribute) \(relation.rawValue) \(list)"
        }
    }
}

extension AttributeValue {
    /// As a posture writes it.
    var text: String {
        switch self {
        case .string(let text): "'\(text)'"
        case .number(let number): number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
        case .bool(let bool): "\(bool)"
        }
    }
}
