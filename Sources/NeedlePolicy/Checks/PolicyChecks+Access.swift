// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

extension PolicyChecks {
    /// One address that packets come from, and the selectors that it is in.
    struct Origin {
        let selectors: Set<SelectorID>
        let node: NodeSlot?
    }

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
            check(text, test, &collector) { destination, port in
                origins.allSatisfy { reaches($0, destination, port, test) }
                    ? nil : "\(test.source) -> \(text): expected to be allowed, is denied"
            }
        }
        for text in test.deny {
            check(text, test, &collector) { destination, port in
                origins.contains { reaches($0, destination, port, test) }
                    ? "\(test.source) -> \(text): expected to be denied, is allowed" : nil
            }
        }
    }

    private func check(
        _ text: String,
        _ test: PolicySyntax.AccessTest,
        _ collector: inout FindingCollector,
        _ fault: (ResolvedAlias, UInt16) -> String?
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
            if let fault = fault(destination, ports[0].first) { throw SyntaxFailure(fault) }
        } catch {
            Self.fail(error.message, at: test.offset, &collector)
        }
    }

    // MARK: - Both ends

    private func origins(_ source: ResolvedAlias, _ test: PolicySyntax.AccessTest) -> [Origin] {
        var result: [Origin] = []
        for slot in source.nodes {
            guard let node = graph.node(slot) else { continue }
            let attributes = test.attributes.isEmpty ? node.facts.attributes : test.attributes
            let identities = selectors(of: node, attributes)
            for address in node.reach.addresses {
                result.append(origin(AddressRange(IPPrefix(single: address)), identities, attributes, slot))
            }
        }
        for range in source.ranges { result.append(origin(range, everywhere, test.attributes, nil)) }
        return result
    }

    private func origin(
        _ range: AddressRange,
        _ identities: Set<SelectorID>,
        _ attributes: [String: AttributeValue],
        _ slot: NodeSlot?
    ) -> Origin {
        var selectors = identities.union(graph.compiled.table.ends(overlapping: range))
        for id in graph.compiled.table.selectors.indices.map(SelectorID.init) {
            guard case .conditional(_, let base) = graph.compiled.table[id],
                let baseID = graph.compiled.table.id(of: base), selectors.contains(baseID)
            else { continue }
            if graph.compiled.table.meets(id, attributes) { selectors.insert(id) }
        }
        return Origin(selectors: selectors, node: slot)
    }

    /// Selectors that hold every address: `*` and the like.
    private var everywhere: Set<SelectorID> {
        Set([Selector.everything, .anywhere].compactMap { graph.compiled.table.id(of: $0) })
    }

    /// What a node is for who it is, apart from its addresses, routes and postures.
    private func selectors(of node: PolicyGraph.Node, _ attributes: [String: AttributeValue]) -> Set<SelectorID> {
        graph.compiled.table.identities(of: node.facts).filter {
            if case .conditional = graph.compiled.table[$0] { false } else { true }
        }
    }

    private func reaches(
        _ origin: Origin,
        _ destination: ResolvedAlias,
        _ port: UInt16,
        _ test: PolicySyntax.AccessTest
    ) -> Bool {
        let table = graph.compiled.table
        for slot in destination.nodes {
            guard let node = graph.node(slot) else { continue }
            var selectors = table.identities(of: node.facts)
            for address in node.reach.addresses {
                selectors.formUnion(table.ends(overlapping: AddressRange(IPPrefix(single: address))))
            }
            if allows(origin, selectors, port, test) { return true }
        }
        for range in destination.ranges {
            var selectors = everywhere.union(table.ends(overlapping: range))
            for slot in graph.everyone {
                guard let node = graph.node(slot), node.reach.addresses.contains(where: range.contains) else {
                    continue
                }
                selectors.formUnion(table.identities(of: node.facts))
            }
            selectors.formUnion(throughRouters(range))
            if allows(origin, selectors, port, test) { return true }
        }
        return false
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
        _ origin: Origin,
        _ destinations: Set<SelectorID>,
        _ port: UInt16,
        _ test: PolicySyntax.AccessTest
    ) -> Bool {
        let wanted = test.protocols.isEmpty ? IPProtocol.usual : Set(test.protocols)
        for index in Set(destinations.flatMap { graph.compiled.edgesTo[Int($0)] }) {
            let edge = graph.compiled.edges[index]
            guard case .packets(let protocols, let ports) = edge.payload,
                protocols.isEmpty || !wanted.isDisjoint(with: protocols),
                ports.contains(where: { $0.first <= port && port <= $0.last }),
                graph.compiled.sourceLists[edge.sources].contains(where: origin.selectors.contains)
            else { continue }
            return true
        }
        return false
    }
}
