// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

@testable import NeedlePolicy

/// An explanation must say what packet filters and routes do.
@Suite struct ExplanationAgreementTests {
    private static let places = ["10.1.2.3", "10.1.9.9", "10.2.0.1", "fd00:1::7", "192.0.2.1", "1.1.1.1", "10.9.9.9"]

    @Test("agrees with packet filters and routes about random policies", arguments: 0..<20 as Range<UInt64>)
    func agrees(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<6 {
            let policy = RandomPolicy(using: &random)
            let count = Int.random(in: 2...8, using: &random)
            let nodes = (0..<count).map { RandomNodes.make(slot: $0, id: Int64($0 + 1), using: &random) }
            let graph = PolicyGraph(policy: try Policy(text: Array(policy.text.utf8)), nodes: nodes)
            try compare(graph, &random, "seed \(seed) round \(round)\n\(policy.text)")
        }
    }

    private func compare(_ graph: PolicyGraph, _ random: inout SeededRandom, _ place: String) throws {
        let filters = MergedFilters(graph)
        for source in graph.everyone {
            let port: UInt16? = [nil, 22, 443, 9_999].pick(&random)
            let number: Int? = [nil, 6, 17].pick(&random)
            for target in graph.everyone where target != source {
                let question = PolicyQuestion(
                    from: .node(source),
                    to: .node(target),
                    port: port,
                    protocolNumber: number
                )
                let explanation = graph.explain(question) { "\($0.index)" }
                let addresses = graph.node(target)?.reach.addresses ?? []
                let expected = lets(filters, question, source, to: addresses, at: target, graph)
                try #require(explanation.isAllowed == expected, "\(source) to \(target) \(question.traffic) \(place)")
                try #require(explanation.isAllowed == (explanation.allowing.total > 0), "\(place)")
            }
            for text in Self.places {
                let address = try #require(IPAddress(text: text))
                let question = PolicyQuestion(
                    from: .node(source),
                    to: .address(address),
                    port: port,
                    protocolNumber: number
                )
                let explanation = graph.explain(question) { "\($0.index)" }
                let expected = mayLeave(filters, question, source, to: address, graph)
                try #require(explanation.isAllowed == expected, "\(source) to \(text) \(question.traffic) \(place)")
            }
        }
    }

    /// Whether the filter at `gate` lets packets of `source` to one of `addresses` through.
    private func lets(
        _ filters: MergedFilters,
        _ question: PolicyQuestion,
        _ source: NodeSlot,
        to addresses: [IPAddress],
        at gate: NodeSlot,
        _ graph: PolicyGraph
    ) -> Bool {
        let own = graph.node(source)?.reach.addresses ?? []
        return filters.filter(of: gate).contains { rule in
            let protocols = rule.ipProto.isEmpty ? IPProtocol.usual : Set(rule.ipProto)
            guard question.protocolNumber.map(protocols.contains) ?? true else { return false }
            guard rule.srcIPs.contains(where: { Self.holds($0, own) }) else { return false }
            return rule.dstPorts.contains { destination in
                Self.holds(destination.ip, addresses)
                    && question.port.map { destination.ports.first <= $0 && $0 <= destination.ports.last } ?? true
            }
        }
    }

    private static func holds(_ text: String, _ addresses: [IPAddress]) -> Bool {
        text == "*" || AddressRange(text: text).map { addresses.contains(where: $0.contains) } ?? false
    }

    /// Whether a packet takes the narrowest route that `source` knows, and is let through where that leads.
    private func mayLeave(
        _ filters: MergedFilters,
        _ question: PolicyQuestion,
        _ source: NodeSlot,
        to address: IPAddress,
        _ graph: PolicyGraph
    ) -> Bool {
        var routes = graph.ownAccess(of: source).allowedIPs.map { (source, $0) }
        for peer in graph.peers(of: source) {
            routes += graph.access(of: source, to: peer).allowedIPs.map { (peer, $0) }
        }
        let usable = routes.filter { $0.1.contains(address) && $0.1.length < address.family.bitWidth }
        let narrowest = usable.map(\.1.length).max() ?? 0
        let gates = usable.filter { $0.1.length == narrowest }.map(\.0)
        if gates.isEmpty { return false }
        let isInternet = KnownRanges.internet.contains { $0.contains(address) }
        guard narrowest > 0 || isInternet else { return false }
        if gates.contains(source) { return true }
        // Of several exit nodes the first one is explained, as any may be chosen; the rules are the same for all.
        return gates.contains { lets(filters, question, source, to: [address], at: $0, graph) }
    }
}
