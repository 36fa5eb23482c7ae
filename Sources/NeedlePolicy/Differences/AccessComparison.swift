// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// Compares what old and new entries let through at one destination.
///
/// Only ports that some entry gains or loses are looked at, piece by piece; there, the sources of all entries count, for
/// what one rule takes away another may still allow.
struct AccessComparison {
    /// What sources gain or lose.
    struct Result {
        var gained: [AccessSources: Traffic] = [:]
        var lost: [AccessSources: Traffic] = [:]
    }

    let sources: Interned<AccessSources>
    private let old: [AccessEntry]
    private let new: [AccessEntry]
    private let changed: Set<AccessEntry>

    /// Nothing if the entries are the same.
    init?(_ old: [AccessEntry], _ new: [AccessEntry], _ sources: Interned<AccessSources>) {
        changed = Set(old).symmetricDifference(new)
        guard !changed.isEmpty else { return nil }
        self.sources = sources
        self.old = old
        self.new = new
    }

    func result() -> Result {
        var result = Result()
        forEachPiece { number, piece, before, after in
            let gained = after.subtracting(before)
            let lost = before.subtracting(after)
            if !gained.isEmpty { result.gained[gained, default: Traffic()].append(piece, of: number) }
            if !lost.isEmpty { result.lost[lost, default: Traffic()].append(piece, of: number) }
        }
        return result
    }

    /// Calls `body` with each piece of what changed: its protocol, its ports, and who may send it before and after.
    func forEachPiece(_ body: (Int, PortRange, AccessSources, AccessSources) -> Void) {
        for number in Set(changed.flatMap(\.protocols)).sorted() {
            let before = byPorts(old, number)
            let after = byPorts(new, number)
            for piece in pieces(of: number, Array(before.keys) + Array(after.keys)) {
                body(number, piece, union(before, piece), union(after, piece))
            }
        }
    }

    /// The sources of entries with the same ports together.
    private func byPorts(_ entries: [AccessEntry], _ number: Int) -> [[PortRange]: AccessSources] {
        var result: [[PortRange]: AccessSources] = [:]
        for entry in Set(entries) where entry.protocols.contains(number) {
            result[entry.ports(of: number), default: AccessSources()].formUnion(sources[entry.sources])
        }
        return result
    }

    /// The changed ports, cut wherever some entry begins or ends, in rising order.
    private func pieces(of number: Int, _ lists: [[PortRange]]) -> [PortRange] {
        var cuts: Set<Int> = []
        for range in lists.joined() {
            cuts.insert(Int(range.first))
            cuts.insert(Int(range.last) + 1)
        }
        let sorted = cuts.sorted()
        let areas = Set(changed.flatMap { $0.ports(of: number) })
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
