// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

extension GraphComparison {
    /// Where packets may go from whom, before or after but not both.
    func accessChanges() -> Gathered {
        let entries = AccessEntries(self)
        var gathered: Gathered = [:]
        let oldSelf = selfTraffic(old, oldLists)
        let newSelf = selfTraffic(new, newLists)
        for kind in classes {
            guard let comparison = entries.comparison(at: kind) else { continue }
            let result = comparison.result()
            let isOwned = (new.node(kind.first) ?? old.node(kind.first))?.facts.isTagged == false
            for (sources, traffic) in result.gained {
                let except = isOwned && Self.covers(oldSelf, sources, traffic)
                gather(true, sources, traffic.texts, except, to: AccessSources(nodes: kind.nodes), &gathered)
            }
            for (sources, traffic) in result.lost {
                let except = isOwned && Self.covers(newSelf, sources, traffic)
                gather(false, sources, traffic.texts, except, to: AccessSources(nodes: kind.nodes), &gathered)
            }
        }
        for (place, comparison) in entries.placeComparisons() {
            gather(comparison.result(), to: AccessSources(places: [place]), &gathered)
        }
        if let result = entries.ownDevices() { gather(result, to: Self.ownDevices, &gathered) }
        return gathered
    }

    /// What each of many nodes does to the devices of the same user.
    static let ownDevices = AccessSources(places: ["their user's own devices"])

    private func gather(_ result: AccessComparison.Result, to destination: AccessSources, _ gathered: inout Gathered) {
        for (sources, traffic) in result.gained {
            gather(true, sources, traffic.texts, false, to: destination, &gathered)
        }
        for (sources, traffic) in result.lost {
            gather(false, sources, traffic.texts, false, to: destination, &gathered)
        }
    }

    func gather(
        _ isGained: Bool,
        _ sources: AccessSources,
        _ what: [String],
        _ exceptOwnDevices: Bool = false,
        to destination: AccessSources,
        _ gathered: inout Gathered
    ) {
        let key = ChangeKey(isGained: isGained, sources: sources, what: what, exceptOwnDevices: exceptOwnDevices)
        gathered[key, default: AccessSources()].formUnion(destination)
    }

    // MARK: - autogroup:self

    /// What edges to `autogroup:self` let through, and whose.
    private func selfTraffic(_ graph: PolicyGraph, _ lists: [Int]) -> [(sources: NodeSet, traffic: Traffic)] {
        graph.compiled.selfEdges.compactMap { index in
            let edge = graph.compiled.edges[index]
            guard case .packets(let protocols, let ports) = edge.payload else { return nil }
            let entry = AccessEntry(sources: lists[edge.sources], protocols: protocols, ports: ports)
            var traffic = Traffic()
            for number in entry.protocols {
                for range in entry.ports(of: number) { traffic.append(range, of: number) }
            }
            return (sources[entry.sources].nodes, traffic)
        }
    }

    private static func covers(
        _ own: [(sources: NodeSet, traffic: Traffic)],
        _ sources: AccessSources,
        _ traffic: Traffic
    ) -> Bool {
        own.contains { !$0.sources.isDisjoint(with: sources.nodes) && $0.traffic.covers(traffic) }
    }
}
