// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import Testing

@testable import NeedlePolicy

@Suite struct PagedArrayTests {
    @Test("behaves like an array, and leaves copies alone", arguments: 0..<8 as Range<UInt64>)
    func likeArray(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var plain: [Int] = []
        var paged = PagedArray(repeating: 0, count: 0)
        for _ in 0..<200 {
            let before = paged
            let expected = plain
            if plain.isEmpty || random.coin() {
                let count = plain.count + Int.random(in: 0..<40, using: &random)
                plain += Array(repeating: 7, count: count - plain.count)
                paged.grow(to: count, with: 7)
            } else {
                let index = Int.random(in: 0..<plain.count, using: &random)
                plain[index] += 1
                paged.update(index) { $0 += 1 }
            }
            #expect(Array(paged) == plain)
            #expect(Array(before) == expected, "a copy changed")
            #expect(paged.count == plain.count)
        }
    }

    @Test("growing to less does nothing")
    func shrinking() {
        var paged = PagedArray(repeating: 1, count: 65)
        paged.grow(to: 3, with: 2)
        #expect(paged.count == 65)
        #expect(paged[64] == 1)
    }
}
