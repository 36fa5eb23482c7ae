// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import Testing

@testable import NeedlePolicy

/// The parts that a graph is built from, each against the obvious way to do the same.
@Suite struct GraphPartsTests {
    @Test("a table of peers is a set for each class, and leaves copies alone", arguments: 0..<8 as Range<UInt64>)
    func peerTable(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var table = PeerTable()
        var plain: [NodeSet] = []
        for _ in 0..<300 {
            let before = table
            let expected = plain
            let slot = NodeSlot(Int.random(in: 0..<200, using: &random))
            if plain.count < 150, random.coin() {
                let peers = NodeSet((0..<200).filter { _ in random.coin() }.map { NodeSlot($0) })
                table.add(plain.count, peers: peers)
                plain.append(peers)
            } else {
                var classes = DenseSet()
                let isPresent = random.coin()
                for id in plain.indices where random.coin() {
                    classes.insert(id)
                    if isPresent { plain[id].insert(slot) } else { plain[id].remove(slot) }
                }
                table.set(slot, isPresent, for: classes)
            }
            #expect(plain.indices.allSatisfy { table.peers(of: $0) == plain[$0] })
            #expect(expected.indices.allSatisfy { before.peers(of: $0) == expected[$0] }, "a copy changed")
        }
    }

    @Test("an index of addresses finds what a walk over all ranges finds", arguments: 0..<8 as Range<UInt64>)
    func addressIndex(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        func range() -> AddressRange? {
            let first = Int.random(in: 0..<4_000, using: &random)
            let count = [0, 3, 64, 1_000].pick(&random)
            let family: IPAddress.Family = random.coin() ? .v4 : .v6
            return AddressRange(
                IPAddress(family: family, bits: UInt128(first)),
                IPAddress(family: family, bits: UInt128(first + count))
            )
        }
        let ranges = (0..<100).compactMap { _ in range() }
        var index = AddressIndex()
        for (id, range) in ranges.enumerated() { index.insert([range], SelectorID(id)) }
        index.seal()
        for _ in 0..<200 {
            let wanted = try #require(range())
            var overlapping: Set<SelectorID> = []
            index.forEach(overlapping: wanted) { overlapping.insert($0) }
            #expect(overlapping == Set(ranges.indices.filter { ranges[$0].overlaps(wanted) }.map(SelectorID.init)))
            var containing: Set<SelectorID> = []
            index.forEach(containing: wanted.first) { containing.insert($0) }
            #expect(containing == Set(ranges.indices.filter { ranges[$0].contains(wanted.first) }.map(SelectorID.init)))
        }
    }

    @Test("sets of addresses are what is left address by address", arguments: 0..<12 as Range<UInt64>)
    func addressSet(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var set = AddressSet()
        var plain: Set<UInt8> = []
        for _ in 0..<60 {
            let first = UInt8.random(in: 0...255, using: &random)
            let last = UInt8.random(in: first...255, using: &random)
            let range = try #require(
                AddressRange(
                    IPAddress(family: .v4, bits: UInt128(first)),
                    IPAddress(family: .v4, bits: UInt128(min(last, first &+ 20 < first ? 255 : first + 20)))
                )
            )
            let members = (0...255).filter { range.contains(IPAddress(family: .v4, bits: UInt128($0))) }.map(UInt8.init)
            if random.coin() {
                set.insert(range)
                plain.formUnion(members)
            } else {
                set.remove(range)
                plain.subtract(members)
            }
            let found = (0...255).filter { bits in
                set.ranges.contains { $0.contains(IPAddress(family: .v4, bits: UInt128(bits))) }
            }
            #expect(Set(found.map(UInt8.init)) == plain)
            for (left, right) in zip(set.ranges, set.ranges.dropFirst()) {
                #expect(right.first.bits - left.last.bits > 1, "neighbours are one range")
            }
        }
    }

    @Test("buckets keep items in order")
    func buckets() {
        let buckets = Buckets(count: 4, pairs: [(2, 7), (0, 1), (2, 5), (3, 9), (2, 7)])
        #expect((0..<4).map { Array(buckets[$0]) } == [[1], [], [7, 5, 7], [9]])
        #expect(buckets.count(of: 2) == 3)
        #expect(Buckets(count: 2)[1].isEmpty)
        var set = DenseSet()
        buckets.insert(2, into: &set)
        #expect(Array(set) == [5, 7])
    }

    @Test("a dictionary in parts behaves like one, and leaves copies alone")
    func shardedDictionary() {
        var random = SeededRandom(seed: 1)
        var sharded = ShardedDictionary<Int, Int>()
        var plain: [Int: Int] = [:]
        for _ in 0..<2_000 {
            let key = Int.random(in: 0..<300, using: &random)
            if random.coin() {
                sharded[key, default: 0] += 1
                plain[key, default: 0] += 1
            } else {
                sharded[key] = nil
                plain[key] = nil
            }
            #expect(sharded[key] == plain[key])
        }
        let copy = sharded
        sharded[1] = -1
        #expect(copy[1] == plain[1])
        #expect((0..<300).allSatisfy { copy[$0] == plain[$0] })
    }

    @Test("the nodes of a user, in order and each once")
    func owners() {
        var index = OwnerIndex()
        for slot in [5, 1, 9, 5] { index.insert(NodeSlot(slot), of: UserID(1)) }
        #expect(index.slots(of: UserID(1)).map(\.index) == [1, 5, 9])
        index.remove(NodeSlot(5), of: UserID(1))
        #expect(index[UserID(1)] == NodeSet([1, 9].map { NodeSlot($0) }))
        index.remove(NodeSlot(1), of: UserID(1))
        index.remove(NodeSlot(9), of: UserID(1))
        #expect(index[UserID(1)] == nil)
    }
}
