// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A set of nodes, one bit for each slot.
///
/// The bulk operations work a word at a time, which is what makes "who of my peers changed?" cheap.
/// Sets that end in empty words are equal to shorter ones.
///
/// - Complexity: O(slots / 64) for the bulk operations; copies share storage until one is changed.
package struct NodeSet: Sendable {
    private var words: [UInt64]

    /// The empty set.
    package init() {
        words = []
    }

    /// The set of `slots`.
    package init(_ slots: some Sequence<NodeSlot>) {
        words = []
        for slot in slots { insert(slot) }
    }

    /// The set whose blocks of 64 slots are `blocks`, see ``bits(ofBlock:)``.
    package init(blocks: [UInt64]) {
        words = blocks
    }

    /// Whether no node is in the set.
    package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    /// How many nodes are in the set.
    package var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Whether `slot` is in the set.
    package func contains(_ slot: NodeSlot) -> Bool {
        let word = slot.index >> 6
        return word < words.count && words[word] & (1 << UInt64(slot.index & 63)) != 0
    }

    /// Adds `slot`.
    package mutating func insert(_ slot: NodeSlot) {
        let word = slot.index >> 6
        if word >= words.count {
            words.append(contentsOf: repeatElement(0, count: word + 1 - words.count))
        }
        words[word] |= 1 << UInt64(slot.index & 63)
    }

    /// Takes `slot` out.
    package mutating func remove(_ slot: NodeSlot) {
        let word = slot.index >> 6
        if word < words.count {
            words[word] &= ~(1 << UInt64(slot.index & 63))
        }
    }

    /// Adds all of `other`.
    package mutating func formUnion(_ other: NodeSet) {
        if other.words.count > words.count {
            words.append(contentsOf: repeatElement(0, count: other.words.count - words.count))
        }
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    /// Takes all of `other` out.
    package mutating func subtract(_ other: NodeSet) {
        for index in 0..<Swift.min(words.count, other.words.count) { words[index] &= ~other.words[index] }
    }

    /// Keeps only what is also in `other`.
    package mutating func formIntersection(_ other: NodeSet) {
        if words.count > other.words.count { words.removeLast(words.count - other.words.count) }
        for index in words.indices { words[index] &= other.words[index] }
    }

    /// All that is in either set.
    package func union(_ other: NodeSet) -> NodeSet {
        var result = self
        result.formUnion(other)
        return result
    }

    /// What is here and not in `other`.
    package func subtracting(_ other: NodeSet) -> NodeSet {
        var result = self
        result.subtract(other)
        return result
    }

    /// What is in both sets.
    package func intersection(_ other: NodeSet) -> NodeSet {
        var result = self
        result.formIntersection(other)
        return result
    }

    /// What is here and in `slots`.
    package func intersection(slots: Range<Int>) -> NodeSet {
        var blocks = [UInt64](repeating: 0, count: Swift.min(words.count, (slots.upperBound + 63) >> 6))
        for block in Swift.min(slots.lowerBound >> 6, blocks.count)..<blocks.count {
            let first = Swift.max(slots.lowerBound - block << 6, 0)
            let end = Swift.min(slots.upperBound - block << 6, 64)
            guard first < end else { continue }
            blocks[block] = words[block] & (.max << UInt64(first)) & (.max >> UInt64(64 - end))
        }
        return NodeSet(blocks: blocks)
    }

    /// What is in exactly one of the sets.
    package func symmetricDifference(_ other: NodeSet) -> NodeSet {
        if words.count < other.words.count { return other.symmetricDifference(self) }
        var result = self
        for index in other.words.indices { result.words[index] ^= other.words[index] }
        return result
    }

    /// Whether no node is in both sets; allocates nothing.
    package func isDisjoint(with other: NodeSet) -> Bool {
        for index in 0..<Swift.min(words.count, other.words.count) where words[index] & other.words[index] != 0 {
            return false
        }
        return true
    }

    /// Calls `body` with what is here and in one of two others, by rising slot; allocates nothing.
    package func forEach(inEither one: NodeSet, or other: NodeSet, _ body: (NodeSlot) -> Void) {
        for block in 0..<words.count where words[block] != 0 {
            var rest = words[block] & (one.bits(ofBlock: block) | other.bits(ofBlock: block))
            while rest != 0 {
                body(NodeSlot(block << 6 | rest.trailingZeroBitCount))
                rest &= rest - 1
            }
        }
    }

    /// The 64 bits of slots `64 * block` and up, lowest slot in the lowest bit.
    package func bits(ofBlock block: Int) -> UInt64 {
        block < words.count ? words[block] : 0
    }

    /// How many blocks of 64 slots may hold a node.
    package var blockCount: Int { words.count }
}

extension NodeSet: Equatable {
    package static func == (left: NodeSet, right: NodeSet) -> Bool {
        for index in 0..<Swift.max(left.words.count, right.words.count)
        where left.bits(ofBlock: index) != right.bits(ofBlock: index) {
            return false
        }
        return true
    }
}

extension NodeSet: Hashable {
    package func hash(into hasher: inout Hasher) {
        let end = words.lastIndex { $0 != 0 } ?? -1
        for index in 0..<(end + 1) { hasher.combine(words[index]) }
    }
}

extension NodeSet: Sequence {
    /// Walks the slots in rising order.
    package func makeIterator() -> Iterator { Iterator(words: words) }

    /// See ``NodeSet/makeIterator()``.
    package struct Iterator: IteratorProtocol {
        fileprivate let words: [UInt64]
        private var index = 0
        private var rest: UInt64

        fileprivate init(words: [UInt64]) {
            self.words = words
            rest = words.first ?? 0
        }

        package mutating func next() -> NodeSlot? {
            while rest == 0 {
                index += 1
                guard index < words.count else { return nil }
                rest = words[index]
            }
            let bit = rest.trailingZeroBitCount
            rest &= rest - 1
            return NodeSlot(index << 6 | bit)
        }
    }
}

extension NodeSet: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: NodeSlot...) {
        self.init(elements)
    }
}
