// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Which nodes one client has as peers.
///
/// Ids are small and dense on every server known, so they are bits; larger ones go into a set.
package struct PeerTally: Equatable, Sendable {
    /// Ids below this are bits.
    static let denseMax: Int64 = 1 << 20

    private var words: [UInt64] = []
    private var large: Set<Int64> = []
    /// All who ever were peers, or about whom something was said, since the beginning.
    private var toldWords: [UInt64] = []
    private var toldLarge: Set<Int64> = []
    /// How many messages had a packet filter, or a part of one.
    package private(set) var filters = 0
    /// How many ports of the filters that came were the one that marks a second policy.
    package private(set) var markers = 0
    /// How many peers there are.
    package private(set) var count = 0
    /// The client's own node; 0 until it is known.
    package private(set) var own: Int64 = 0
    /// What was said about nodes that the client does not have, or about itself as a peer.
    package private(set) var strays = 0

    /// No peers.
    package init() {}

    /// The peers in order.
    package var ids: [Int64] { Self.ids(words, large) }

    /// All of whom the client was ever told, in order.
    package var told: [Int64] { Self.ids(toldWords, toldLarge) }

    private static func ids(_ words: [UInt64], _ large: Set<Int64>) -> [Int64] {
        var ids: [Int64] = []
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                ids.append(Int64(index * 64 + rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
        return ids + large.sorted()
    }

    /// Forgets the peers, as a client does whose stream has ended, but not of whom it was told.
    package mutating func forgetPeers() {
        removeAll()
    }

    /// Whether a node is a peer.
    package func contains(_ id: Int64) -> Bool {
        guard (0..<Self.denseMax).contains(id) else { return large.contains(id) }
        let word = Int(id >> 6)
        return word < words.count && words[word] >> UInt64(id & 63) & 1 == 1
    }

    /// Takes in what a message said, in the order of clients: removed, then changed, then patched (reference 3.4).
    package mutating func apply(_ facts: [PeerFact]) {
        for fact in facts {
            switch fact {
            case .own(let id): own = id
            case .removed(let id): if !remove(id) { strays += 1 }
            case .filter: filters += 1
            case .marker: markers += 1
            case .keepAlive, .replaceAll, .peer, .patched: break
            }
        }
        for fact in facts {
            switch fact {
            case .replaceAll: removeAll()
            case .peer(let id): insert(id)
            case .keepAlive, .own, .removed, .patched, .filter, .marker: break
            }
        }
        for case .patched(let id) in facts where !contains(id) {
            strays += 1
            tell(id)
        }
    }

    private mutating func removeAll() {
        words = []
        large = []
        count = 0
    }

    private mutating func insert(_ id: Int64) {
        if id == own { strays += 1 }
        tell(id)
        guard (0..<Self.denseMax).contains(id) else {
            if large.insert(id).inserted { count += 1 }
            return
        }
        let word = Int(id >> 6)
        if word >= words.count { words += [UInt64](repeating: 0, count: word + 1 - words.count) }
        let bit: UInt64 = 1 << UInt64(id & 63)
        if words[word] & bit == 0 { count += 1 }
        words[word] |= bit
    }

    private mutating func tell(_ id: Int64) {
        guard (0..<Self.denseMax).contains(id) else {
            toldLarge.insert(id)
            return
        }
        let word = Int(id >> 6)
        if word >= toldWords.count { toldWords += [UInt64](repeating: 0, count: word + 1 - toldWords.count) }
        toldWords[word] |= 1 << UInt64(id & 63)
    }

    private mutating func remove(_ id: Int64) -> Bool {
        guard contains(id) else { return false }
        if (0..<Self.denseMax).contains(id) {
            words[Int(id >> 6)] &= ~(1 << UInt64(id & 63))
        } else {
            large.remove(id)
        }
        count -= 1
        return true
    }
}
