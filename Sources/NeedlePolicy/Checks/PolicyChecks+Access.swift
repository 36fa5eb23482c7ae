// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

extension PolicyChecks {
    func run(_ test: PolicySyntax.AccessTest, _ collector: inout FindingCollector) {
        guard test.isProtocolValid else {
            return Self.fail("test protocol must be tcp, udp, sctp, or empty", at: test.offset, &collector)
        }
        guard !test.accept.isEmpty || !test.deny.isEmpty else {
            return Self.fail("an entry needs accept or deny", at: test.offset, &collector)
        }
        guard let source = resolve(test.source), !source.isEmpty else {
            return Self.fail("source \"\(test.source)\" stands for nobody", at: test.offset, &collector)
        }
        let origins = origins(source, test)
        for text in test.accept {
            check(text, test, &collector) { destinations, port in
                origins.allSatisfy { origin in destinations.contains { allows(origin, $0, port, test) } }
                    ? nil : "\(test.source) -> \(text): expected to be allowed, is denied"
            }
        }
        for text in test.deny {
            check(text, test, &collector) { destinations, port in
                origins.contains { origin in destinations.contains { allows(origin, $0, port, test) } }
                    ? "\(test.source) -> \(text): expected to be denied, is allowed" : nil
            }
        }
    }

    private func check(
        _ text: String,
        _ test: PolicySyntax.AccessTest,
        _ collector: inout FindingCollector,
        _ fault: (Set<Set<SelectorID>>, UInt16) -> String?
    ) {
        do throws(SyntaxFailure) {
            let (name, ports) = try PolicyReader.splitDestination(text)
            guard ports.count == 1, ports[0].first == ports[0].last else {
                throw SyntaxFailure("\(text): a test is about a single port")
            }
            guard let destination = resolve(name), !destination.isEmpty else {
                throw SyntaxFailure("\(text): the destination stands for nobody")
            }
            guard destination.ranges.allSatisfy(\.isSingle), !name.contains("/") else {
                throw SyntaxFailure("\(text): a test is about a single host, not a range of addresses")
            }
            if let fault = fault(destinations(destination), ports[0].first) { throw SyntaxFailure(fault) }
        } catch {
            Self.fail(error.message, at: test.offset, &collector)
        }
    }

    // MARK: - Both ends

    /// The selectors that each source address is in; addresses in the same ones are looked at once.
    private func origins(_ source: ResolvedAlias, _ test: PolicySyntax.AccessTest) -> Set<Set<SelectorID>> {
        var result: Set<Set<SelectorID>> = []
        let table = graph.compiled.table
        for slot in source.nodes {
            guard let node = graph.node(slot) else { continue }
            let attributes = test.attributes.isEmpty ? node.facts.attributes : test.attributes
            let identities = table.identities(of: node.facts)
            for address in node.reach.addresses {
                let selectors = identities.union(table.ends(overlapping: AddressRange(IPPrefix(single: address))))
                result.insert(selectors.union(table.conditionals(over: selectors, attributes)))
            }
        }
        for range in source.ranges {
            let selectors = everywhere.union(table.ends(overlapping: range))
            result.insert(selectors.union(table.conditionals(over: selectors, test.attributes)))
        }
        return result
    }

    /// The selectors that each node or address of a destination is in.
    private func destinations(_ destination: ResolvedAlias) -> Set<Set<SelectorID>> {
        var result: Set<Set<SelectorID>> = []
        let table = graph.compiled.table
        for slot in destination.nodes {
            guard let node = graph.node(slot) else { continue }
            var selectors = table.identities(of: node.facts)
            for address in node.reach.addresses {
                selectors.formUnion(table.ends(overlapping: AddressRange(IPPrefix(single: address))))
            }
            result.insert(selectors)
        }
        for range in destination.ranges {
            var selectors = everywhere.union(table.ends(overlapping: range)).union(throughRouters(range))
            for slot in graph.everyone {
                guard let node = graph.node(slot), node.reach.addresses.contains(where: range.contains) else {
                    continue
                }
                selectors.formUnion(table.identities(of: node.facts))
            }
            result.insert(selectors)
        }
        return result
    }

    /// Selectors that hold every address: `*` and the like.
    private var everywhere: Set<SelectorID> {
        Set([Selector.everything, .anywhere].compactMap { graph.compiled.table.id(of: $0) })
    }

    /// Selectors of addresses behind routers with certain tags, and of the internet.
    private func throughRouters(_ range: AddressRange) -> [SelectorID] {
        graph.compiled.table.selectors.indices.compactMap { index in
            let selector = graph.compiled.table.selectors[index]
            switch selector {
            case .internet where KnownRanges.internet.contains { $0.overlaps(range) }: return SelectorID(index)
            case .via(_, let base) where !graph.members[index].isEmpty:
                let ranges = base.ranges ?? KnownRanges.internet
                return ranges.contains { $0.overlaps(range) } ? SelectorID(index) : nil
            default: return nil
            }
        }
    }

    private func allows(
        _ origin: Set<SelectorID>,
        _ destination: Set<SelectorID>,
        _ port: UInt16,
        _ test: PolicySyntax.AccessTest
    ) -> Bool {
        let wanted = test.protocols.isEmpty ? IPProtocol.usual : Set(test.protocols)
        return Set(destination.flatMap { graph.compiled.edgesTo[Int($0)] }).contains { index in
            let edge = graph.compiled.edges[Int(index)]
            guard case .packets(let protocols, let ports) = edge.payload else { return false }
            return (protocols.isEmpty || !wanted.isDisjoint(with: protocols))
                && ports.contains { $0.first <= port && port <= $0.last }
                && graph.compiled.sourceLists[edge.sources].contains(where: origin.contains)
        }
    }
}
