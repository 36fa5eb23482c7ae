// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A set of small numbers, such as those of selectors or classes: one bit for each up to the largest.
struct DenseSet: Sendable {
    private(set) var words: [UInt64] = []

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    func contains(_ number: Int) -> Bool {
        let word = number >> 6
        return word < words.count && words[word] & (1 << UInt64(number & 63)) != 0
    }

    func contains(_ id: SelectorID) -> Bool { contains(Int(id)) }

    mutating func insert(_ number: Int) {
        grow(to: number >> 6 + 1)
        words[number >> 6] |= 1 << UInt64(number & 63)
    }

    mutating func insert(_ ids: some Sequence<SelectorID>) {
        for id in ids { insert(Int(id)) }
    }

    mutating func formUnion(_ other: DenseSet) {
        grow(to: other.words.count)
        for index in other.words.indices { words[index] |= other.words[index] }
    }

    private mutating func grow(to count: Int) {
        guard words.count < count else { return }
        words.append(contentsOf: repeatElement(0, count: count - words.count))
    }

    /// Calls `body` for each number, in rising order.
    @inline(__always)
    func forEach(_ body: (Int) -> Void) {
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                body(index << 6 | rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
    }
}
