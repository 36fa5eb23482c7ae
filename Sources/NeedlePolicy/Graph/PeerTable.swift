// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// By class, the nodes that a node of the class may see, kept so that one node more or less costs little.
///
/// What a node that joins changes is one bit for each class that may see it. Therefore the bits lie in tiles: 64 nodes by
/// 64 classes, a word for each class. A joining node changes the tiles of its block of slots; a new class, those of its
/// block of classes. All others are shared with the snapshots of before. A tile without bits takes no memory.
struct PeerTable: Sendable {
    private static let width = 64

    /// By block of slots, by block of classes, a word by class; empty when all words are zero.
    private var tiles: [[[UInt64]]] = []

    /// Takes note whether those of `classes` may see the node at `slot`.
    ///
    /// - Complexity: O(`classes`).
    mutating func set(_ slot: NodeSlot, _ isPresent: Bool, for classes: DenseSet) {
        let block = slot.index >> 6
        if block >= tiles.count {
            guard isPresent else { return }
            tiles.append(contentsOf: repeatElement([], count: block + 1 - tiles.count))
        }
        let bit = UInt64(1) << UInt64(slot.index & 63)
        let last = classes.words.lastIndex { $0 != 0 } ?? -1
        if last >= tiles[block].count, isPresent {
            tiles[block].append(contentsOf: repeatElement([], count: last + 1 - tiles[block].count))
        }
        for index in 0..<min(last + 1, tiles[block].count) where classes.words[index] != 0 {
            if tiles[block][index].isEmpty {
                guard isPresent else { continue }
                tiles[block][index] = Array(repeating: 0, count: Self.width)
            }
            Self.set(bit, isPresent, in: &tiles[block][index], at: classes.words[index])
        }
    }

    /// Takes note that those of `classes` may see all of `nodes`.
    mutating func add(_ nodes: NodeSet, for classes: DenseSet) {
        for slot in nodes { set(slot, true, for: classes) }
    }

    /// Sets or clears `bit` in the words of `tile` that `places` names.
    private static func set(_ bit: UInt64, _ isPresent: Bool, in tile: inout [UInt64], at places: UInt64) {
        tile.withUnsafeMutableBufferPointer { words in
            var rest = places
            while rest != 0 {
                let place = rest.trailingZeroBitCount
                if isPresent { words[place] |= bit } else { words[place] &= ~bit }
                rest &= rest - 1
            }
        }
    }

    /// Gives the class `id`, which has none yet, its peers.
    ///
    /// - Complexity: O(nodes / 64).
    mutating func add(_ id: Int, peers: NodeSet) {
        let (chunk, place) = id.quotientAndRemainder(dividingBy: Self.width)
        for block in 0..<peers.blockCount {
            let bits = peers.bits(ofBlock: block)
            guard bits != 0 else { continue }
            if block >= tiles.count { tiles.append(contentsOf: repeatElement([], count: block + 1 - tiles.count)) }
            if chunk >= tiles[block].count {
                tiles[block].append(contentsOf: repeatElement([], count: chunk + 1 - tiles[block].count))
            }
            if tiles[block][chunk].isEmpty { tiles[block][chunk] = Array(repeating: 0, count: Self.width) }
            tiles[block][chunk][place] = bits
        }
    }

    /// The nodes that the class `id` may see.
    ///
    /// - Complexity: O(nodes / 64).
    func peers(of id: Int) -> NodeSet {
        let (chunk, place) = id.quotientAndRemainder(dividingBy: Self.width)
        return NodeSet(
            blocks: tiles.map { chunks in
                chunk < chunks.count && !chunks[chunk].isEmpty ? chunks[chunk][place] : 0
            }
        )
    }
}
