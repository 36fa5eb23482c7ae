// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// Compares what old and new entries let through at one destination.
///
/// Only ports that some entry gains or loses are looked at, piece by piece; there, the sources of all entries count, for
/// what one rule takes away another may still allow.
struct AccessComparison {
    let sources: Interned<AccessSources>
    private let old: [AccessEntry]
    private let new: [AccessEntry]
    private let changed: Set<AccessEntry>
    /// Ports at which pieces are cut besides, so that nothing else changes inside one.
    private let cuts: [[PortRange]]

    /// Nothing if the entries are the same.
    init?(
        _ old: [AccessEntry],
        _ new: [AccessEntry],
        _ sources: Interned<AccessSources>,
        cuts: [[PortRange]] = []
    ) {
        changed = Set(old).symmetricDifference(new)
        guard !changed.isEmpty else { return nil }
        self.sources = sources
        self.old = old
        self.new = new
        self.cuts = cuts
    }

    /// Some ports of one protocol, and who may send to them before and after.
    struct Piece {
        let number: Int
        let ports: PortRange
        let before: AccessSources
        let after: AccessSources
    }

    /// The pieces that somebody gains or loses.
    func pieces() -> [Piece] {
        var result: [Piece] = []
        forEachPiece { number, ports, before, after in
            guard before != after else { return }
            result.append(Piece(number: number, ports: ports, before: before, after: after))
        }
        return result
    }

    /// What sources gain and lose by `pieces`; `reduce` may take some of them out, and says whether to tell of an
    /// exception.
    static func changes(
        _ pieces: [Piece],
        reduce: (inout AccessSources, Bool, Int) -> Bool = { _, _, _ in false }
    ) -> [GraphComparison.AccessChange] {
        struct Key: Hashable {
            let isGained: Bool
            let sources: AccessSources
            let exceptOwnDevices: Bool
        }
        var result: [Key: Traffic] = [:]
        for (index, piece) in pieces.enumerated() {
            let gained = piece.after.subtracting(piece.before)
            let lost = piece.before.subtracting(piece.after)
            for (isGained, whole) in [(true, gained), (false, lost)] where !whole.isEmpty {
                var sources = whole
                let isExcepted = reduce(&sources, isGained, index)
                guard !sources.isEmpty else { continue }
                let key = Key(isGained: isGained, sources: sources, exceptOwnDevices: isExcepted)
                result[key, default: Traffic()].append(piece.ports, of: piece.number)
            }
        }
        return result.map { key, traffic in
            GraphComparison.AccessChange(
                isGained: key.isGained,
                sources: key.sources,
                traffic: traffic,
                exceptOwnDevices: key.exceptOwnDevices
            )
        }
    }

    /// Calls `body` with each piece of what changed: its protocol, its ports, and who may send it before and after.
    func forEachPiece(_ body: (Int, PortRange, AccessSources, AccessSources) -> Void) {
        for number in Set(changed.flatMap(\.protocols)).sorted() {
            let areas = Set(changed.flatMap { $0.ports(of: number) })
            let before = byPorts(old, number, areas)
            let after = byPorts(new, number, areas)
            let others = IPProtocol.withPorts.contains(number) ? cuts : []
            for piece in Self.pieces(of: areas, Array(before.keys) + Array(after.keys) + others) {
                body(number, piece, union(before, piece), union(after, piece))
            }
        }
    }

    /// The sources of entries with the same ports together, of those that have to do with `areas`.
    private func byPorts(
        _ entries: [AccessEntry],
        _ number: Int,
        _ areas: Set<PortRange>
    ) -> [[PortRange]: AccessSources] {
        var ids: [[PortRange]: Set<Int>] = [:]
        for entry in entries {
            let ports = entry.ports(of: number)
            let isConcerned = ports.contains { range in
                areas.contains { $0.first <= range.last && range.first <= $0.last }
            }
            if isConcerned { ids[ports, default: []].insert(entry.sources) }
        }
        return ids.mapValues { ids in ids.reduce(into: AccessSources()) { $0.formUnion(sources[$1]) } }
    }

    /// The changed ports, cut wherever some entry begins or ends, in rising order.
    private static func pieces(of areas: Set<PortRange>, _ lists: [[PortRange]]) -> [PortRange] {
        var cuts: Set<Int> = []
        for range in lists.joined() {
            cuts.insert(Int(range.first))
            cuts.insert(Int(range.last) + 1)
        }
        let sorted = cuts.sorted()
        return zip(sorted, sorted.dropFirst()).compactMap { first, next in
            let piece = PortRange(first: UInt16(clamping: first), last: UInt16(clamping: next - 1))
            return areas.contains { $0.first <= piece.first && piece.last <= $0.last } ? piece : nil
        }
    }

    private func union(_ entries: [[PortRange]: AccessSources], _ piece: PortRange) -> AccessSources {
        var result = AccessSources()
        for (ports, sources) in entries
        where ports.contains(where: { $0.first <= piece.first && piece.last <= $0.last }) {
            result.formUnion(sources)
        }
        return result
    }
}
