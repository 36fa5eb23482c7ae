// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Lists of numbers by number, one after the other in a single array.
struct Buckets: Sendable {
    private var starts: [Int32]
    private var items: [Int32]

    /// Empty lists for the numbers below `count`.
    init(count: Int = 0) {
        starts = Array(repeating: 0, count: count + 1)
        items = []
    }

    /// The lists of `pairs` of a number below `count` and an item, each list in the order of the pairs.
    init(count: Int, pairs: [(bucket: Int32, item: Int32)]) {
        var next = Array(repeating: Int32(0), count: count + 1)
        for pair in pairs { next[Int(pair.bucket) + 1] += 1 }
        for index in 0..<count { next[index + 1] += next[index] }
        starts = next
        items = Array(repeating: 0, count: pairs.count)
        for pair in pairs {
            items[Int(next[Int(pair.bucket)])] = pair.item
            next[Int(pair.bucket)] += 1
        }
    }

    subscript(bucket: Int) -> ArraySlice<Int32> { items[range(of: bucket)] }

    func count(of bucket: Int) -> Int { range(of: bucket).count }

    private func range(of bucket: Int) -> Range<Int> { Int(starts[bucket])..<Int(starts[bucket + 1]) }

    /// Puts what is in `bucket` into `set`.
    func insert(_ bucket: Int, into set: inout DenseSet) {
        for index in range(of: bucket) { set.insert(Int(items[index])) }
    }
}
