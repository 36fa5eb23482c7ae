// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import Testing

@Suite struct NodeSetTests {
    @Test("agrees with a plain set on random operations", arguments: UInt64(1)...20)
    func agreesWithPlainSet(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var sets = [NodeSet(), NodeSet()]
        var plain: [Set<Int>] = [[], []]
        for _ in 0..<500 {
            let which = Int.random(in: 0...1, using: &random)
            let slot = Int.random(in: 0..<200, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1, 2:
                sets[which].insert(NodeSlot(slot))
                plain[which].insert(slot)
            case 3:
                sets[which].remove(NodeSlot(slot))
                plain[which].remove(slot)
            case 4:
                sets[which] = sets[which].union(sets[1 - which])
                plain[which].formUnion(plain[1 - which])
            default:
                sets[which].subtract(sets[1 - which])
                plain[which].subtract(plain[1 - which])
            }
            #expect(sets[which].map(\.index) == plain[which].sorted())
            #expect(sets[which].count == plain[which].count)
            #expect(sets[0].isDisjoint(with: sets[1]) == plain[0].isDisjoint(with: plain[1]))
            #expect(sets[0].intersection(sets[1]).map(\.index) == plain[0].intersection(plain[1]).sorted())
            let either = plain[0].symmetricDifference(plain[1]).sorted()
            #expect(sets[0].symmetricDifference(sets[1]).map(\.index) == either)
            #expect(sets[1].symmetricDifference(sets[0]).map(\.index) == either)
        }
    }

    @Test("is equal and hashes alike whatever empty words follow")
    func trailingWords() {
        var long: NodeSet = [NodeSlot(3), NodeSlot(300)]
        long.remove(NodeSlot(300))
        let short: NodeSet = [NodeSlot(3)]
        #expect(long == short)
        #expect(long.hashValue == short.hashValue)
        #expect(NodeSet() == NodeSet(short.subtracting(short)))
    }
}
