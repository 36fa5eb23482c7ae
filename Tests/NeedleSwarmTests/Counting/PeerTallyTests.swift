// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleSwarm
import NeedleTesting
import Testing

@Suite struct PeerTallyTests {
    @Test("is a set of ids, small and large", arguments: 0..<20 as Range<UInt64>)
    func agreesWithSet(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var tally = PeerTally()
        var set: Set<Int64> = []
        var strays = 0
        for _ in 0..<400 {
            let isLarge = Int.random(in: 0..<4, using: &random) == 0
            let id = isLarge ? Int64.random(in: (1 << 20) - 2...(1 << 20) + 20, using: &random) : .random(in: 1...300)
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                tally.apply([.replaceAll])
                set = []
            case 1..<6:
                tally.apply([.removed(id)])
                if set.remove(id) == nil { strays += 1 }
            case 6..<8:
                tally.apply([.patched(id)])
                if !set.contains(id) { strays += 1 }
            default:
                tally.apply([.peer(id)])
                set.insert(id)
            }
            #expect(tally.contains(id) == set.contains(id))
            #expect(tally.count == set.count)
        }
        #expect(tally.ids == set.sorted())
        #expect(tally.strays == strays)
    }

    @Test("remembers of whom it was ever told, also when the peers are forgotten")
    func told() {
        var tally = PeerTally()
        tally.apply([.peer(3), .peer(1 << 30)])
        tally.apply([.removed(3), .patched(7)])
        tally.forgetPeers()
        tally.apply([.replaceAll, .peer(5)])
        #expect(tally.ids == [5])
        #expect(tally.told == [3, 5, 7, 1 << 30])
        #expect(tally.count == 1)
    }

    @Test("ids that nobody gives out do no harm")
    func oddIDs() {
        var tally = PeerTally()
        tally.apply([.peer(-1), .peer(.max), .peer(.min), .removed(-5)])
        #expect(tally.count == 3)
        #expect(tally.strays == 1)
    }
}
