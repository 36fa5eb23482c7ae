// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

@testable import NeedlePolicy

/// A difference must say what packet filters, compared pair by pair, say.
@Suite struct DifferenceAgreementTests {
    private struct Probe {
        let number: Int
        let port: UInt16
    }

    private static let probes = [
        Probe(number: 6, port: 22), Probe(number: 6, port: 443), Probe(number: 17, port: 9), Probe(number: 1, port: 0),
    ]

    @Test("agrees with packet filters, pair by pair", arguments: 0..<20 as Range<UInt64>)
    func agrees(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<10 {
            let count = Int.random(in: 2...9, using: &random)
            let nodes = (0..<count).map { RandomNodes.make(slot: $0, id: Int64($0 + 1), using: &random) }
            let first = RandomPolicy(using: &random)
            var second = RandomPolicy(using: &random)
            if random.coin() {
                // Often only a little changes.
                let other = second
                second = first
                second.accessRules += other.accessRules.prefix(1)
                if random.coin() { second.accessRules.removeFirst() }
                if random.coin() { second.groups = other.groups }
            }
            let old = PolicyGraph(policy: try Policy(text: Array(first.text.utf8)), nodes: nodes)
            let new = PolicyGraph(
                policy: try Policy(text: Array(second.text.utf8)),
                tailnet: TailnetFacts(),
                replacing: old
            )
            try compare(old, new, "seed \(seed) round \(round)\n\(first.text)\n\(second.text)")
        }
    }

    private func compare(_ old: PolicyGraph, _ new: PolicyGraph, _ place: String) throws {
        typealias Told = (change: GraphComparison.AccessChange, destination: AccessSources)
        var told: [Told] = []
        GraphComparison(old, new) { "\($0.index)" }.forEachAccessChange { told.append(($0, $1)) }
        let filters = (old: MergedFilters(old), new: MergedFilters(new))
        for target in old.everyone {
            let rules = (old: filters.old.filter(of: target), new: filters.new.filter(of: target))
            for source in old.everyone where source != target {
                let isSameUser = Self.isSameUser(source, target, old)
                for probe in Self.probes {
                    let before = Self.lets(rules.old, probe, source, target, old)
                    let after = Self.lets(rules.new, probe, source, target, new)
                    for isGained in [true, false] {
                        let isExpected = isGained ? !before && after : before && !after
                        let about = told.filter { Self.isAbout($0.change, isGained, probe, source) }
                        let pairs = about.contains { change, destination in
                            destination.nodes.contains(target) && !(change.exceptOwnDevices && isSameUser)
                        }
                        let own = isSameUser && about.contains { $0.destination == GraphComparison.ownDevices }
                        let text: Comment = "\(source) to \(target), \(probe), gained: \(isGained) \(place)"
                        // What is said of a user's own devices is said of all of them together.
                        if isExpected { try #require(pairs || own, text) }
                        if !isExpected { try #require(!pairs, text) }
                        if own, !isSameUser { Issue.record(text) }
                    }
                }
            }
        }
    }

    private static func isAbout(
        _ change: GraphComparison.AccessChange,
        _ isGained: Bool,
        _ probe: Probe,
        _ source: NodeSlot
    ) -> Bool {
        change.isGained == isGained && change.sources.nodes.contains(source)
            && change.traffic.ports[probe.number]?.contains { $0.first <= probe.port && probe.port <= $0.last } ?? false
    }

    private static func isSameUser(_ left: NodeSlot, _ right: NodeSlot, _ graph: PolicyGraph) -> Bool {
        guard let one = graph.node(left)?.facts, let other = graph.node(right)?.facts else { return false }
        return !one.isTagged && !other.isTagged && one.user?.id == other.user?.id
    }

    private static func lets(
        _ rules: [FilterRule],
        _ probe: Probe,
        _ source: NodeSlot,
        _ target: NodeSlot,
        _ graph: PolicyGraph
    ) -> Bool {
        let from = graph.node(source)?.reach.addresses ?? []
        let to = graph.node(target)?.reach.addresses ?? []
        return rules.contains { rule in
            let protocols = rule.ipProto.isEmpty ? IPProtocol.usual : Set(rule.ipProto)
            return protocols.contains(probe.number) && rule.srcIPs.contains { holds($0, from) }
                && rule.dstPorts.contains { destination in
                    let hasPort = destination.ports.first <= probe.port && probe.port <= destination.ports.last
                    return holds(destination.ip, to) && (hasPort || !IPProtocol.withPorts.contains(probe.number))
                }
        }
    }

    private static func holds(_ text: String, _ addresses: [IPAddress]) -> Bool {
        text == "*" || AddressRange(text: text).map { addresses.contains(where: $0.contains) } ?? false
    }
}
