// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A set of small numbers, such as those of selectors or classes: one bit for each up to the largest.
struct DenseSet: Sendable {
    private(set) var words: [UInt64] = []

    func contains(_ number: Int) -> Bool {
        let word = number >> 6
        return word < words.count && words[word] & (1 << UInt64(number & 63)) != 0
    }

    func contains(_ id: SelectorID) -> Bool { contains(Int(id)) }

    mutating func insert(_ number: Int) {
        if number >> 6 >= words.count { grow(to: number >> 6 + 1) }
        words[number >> 6] |= 1 << UInt64(number & 63)
    }

    mutating func insert(_ ids: some Sequence<SelectorID>) {
        for id in ids { insert(Int(id)) }
    }

    mutating func formUnion(_ other: DenseSet) {
        grow(to: other.words.count)
        words.withUnsafeMutableBufferPointer { words in
            for (index, word) in other.words.enumerated() { words[index] |= word }
        }
    }

    private mutating func grow(to count: Int) {
        guard words.count < count else { return }
        words.append(contentsOf: repeatElement(0, count: count - words.count))
    }
}

extension DenseSet: Sequence {
    /// Walks the numbers in rising order.
    func makeIterator() -> Iterator { Iterator(words: words) }

    struct Iterator: IteratorProtocol {
        fileprivate let words: [UInt64]
        private var index = 0
        private var rest: UInt64

        fileprivate init(words: [UInt64]) {
            self.words = words
            rest = words.first ?? 0
        }

        mutating func next() -> Int? {
            while rest == 0 {
                index += 1
                guard index < words.count else { return nil }
                rest = words[index]
            }
            let bit = rest.trailingZeroBitCount
            rest &= rest - 1
            return index << 6 | bit
        }
    }
}
