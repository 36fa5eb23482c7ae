// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

extension GraphComparison {
    /// Sources that gain or lose something towards the same destinations.
    struct AccessChange {
        let isGained: Bool
        let sources: AccessSources
        let traffic: Traffic
        var exceptOwnDevices = false
    }

    /// What each of many nodes does to the devices of the same user.
    static let ownDevices = AccessSources(places: ["their user's own devices"])

    /// Where packets may go from whom, before or after but not both.
    func accessChanges() -> Gathered {
        var gathered: Gathered = [:]
        forEachAccessChange { change, destination in
            let what = change.traffic.texts
            gather(change.isGained, change.sources, what, change.exceptOwnDevices, to: destination, &gathered)
        }
        return gathered
    }

    /// Calls `body` with each change and where it is.
    func forEachAccessChange(_ body: (AccessChange, AccessSources) -> Void) {
        let entries = AccessEntries(self)
        for kind in classes {
            guard let comparison = entries.comparison(at: kind) else { continue }
            forEachChange(comparison.pieces(), at: kind, entries, body)
        }
        var seen: [(range: AddressRange, change: AccessChange)] = []
        for (range, comparison) in entries.placeComparisons() {
            for change in AccessComparison.changes(comparison.pieces())
            where !seen.contains(where: { $0.range.contains(range) && $0.change.covers(change) }) {
                seen.append((range, change))
                body(change, AccessSources(places: [range.description]))
            }
        }
        for change in AccessComparison.changes(entries.internetComparison()?.pieces() ?? []) {
            body(change, AccessSources(places: ["the internet, through exit nodes"]))
        }
        for change in entries.ownDeviceChanges() { body(change, Self.ownDevices) }
    }

    /// The changes at the nodes of `kind`, user by user if `autogroup:self` makes a difference between them.
    private func forEachChange(
        _ pieces: [AccessComparison.Piece],
        at kind: JointClass,
        _ entries: AccessEntries,
        _ body: (AccessChange, AccessSources) -> Void
    ) {
        guard !pieces.isEmpty else { return }
        guard entries.hasSelfEdges, !kind.isTagged else {
            for change in AccessComparison.changes(pieces) { body(change, AccessSources(nodes: kind.nodes)) }
            return
        }
        var owners: [UserID: NodeSet] = [:]
        for slot in kind.nodes {
            guard let user = (new.node(slot) ?? old.node(slot))?.facts.user else { continue }
            owners[user.id, default: NodeSet()].insert(slot)
        }
        let exemption = OwnDeviceExemption(pieces, entries)
        for (user, nodes) in owners {
            let own = (new.ownNodes[user] ?? NodeSet()).union(old.ownNodes[user] ?? NodeSet())
            let changes = AccessComparison.changes(pieces) { exemption.reduce(&$0, $1, $2, own: own) }
            for change in changes { body(change, AccessSources(nodes: nodes)) }
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
}

extension GraphComparison.AccessChange {
    /// Whether whoever knows of this one need not be told of `other`.
    fileprivate func covers(_ other: Self) -> Bool {
        isGained == other.isGained && other.sources.subtracting(sources).isEmpty && traffic.covers(other.traffic)
    }
}
