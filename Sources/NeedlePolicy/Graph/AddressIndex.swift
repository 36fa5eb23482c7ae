// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Leads from an address or a route to the selectors that name it.
///
/// The ranges lie in the order of their first addresses. Read as a tree, whose root is the middle of an interval of
/// indices, each knows the highest address below it, so that a search passes over what ends too early.
struct AddressIndex: Sendable {
    private struct Entry: Sendable {
        let range: AddressRange
        let id: SelectorID
        /// The highest address of the entries below this one in the tree, and of its own.
        var highest: IPAddress
    }

    private var entries: [Entry] = []

    mutating func insert(_ ranges: [AddressRange], _ id: SelectorID) {
        for range in ranges { entries.append(Entry(range: range, id: id, highest: range.last)) }
    }

    /// To be called once, after everything is in.
    mutating func seal() {
        entries.sort { $0.range.first < $1.range.first }
        _ = raise(0..<entries.count)
    }

    private mutating func raise(_ interval: Range<Int>) -> IPAddress? {
        guard !interval.isEmpty else { return nil }
        let middle = Self.middle(of: interval)
        let below = [raise(interval.lowerBound..<middle), raise(middle + 1..<interval.upperBound)]
        for highest in below.compactMap({ $0 }) where entries[middle].highest < highest {
            entries[middle].highest = highest
        }
        return entries[middle].highest
    }

    private static func middle(of interval: Range<Int>) -> Int { (interval.lowerBound + interval.upperBound) / 2 }

    /// Calls `body` for each selector with `address`; more than once if several of its ranges hold it.
    func forEach(containing address: IPAddress, _ body: (SelectorID) -> Void) {
        search(address, address, 0..<entries.count, body)
    }

    /// Calls `body` for each selector that shares an address with `range`; perhaps more than once.
    ///
    /// - Complexity: O(log ranges + hits × log ranges).
    func forEach(overlapping range: AddressRange, _ body: (SelectorID) -> Void) {
        search(range.first, range.last, 0..<entries.count, body)
    }

    private func search(_ first: IPAddress, _ last: IPAddress, _ interval: Range<Int>, _ body: (SelectorID) -> Void) {
        var interval = interval
        while !interval.isEmpty {
            let middle = Self.middle(of: interval)
            guard first <= entries[middle].highest else { return }
            search(first, last, interval.lowerBound..<middle, body)
            guard entries[middle].range.first <= last else { return }
            if first <= entries[middle].range.last { body(entries[middle].id) }
            interval = middle + 1..<interval.upperBound
        }
    }
}

extension Array {
    /// The first index whose element satisfies `predicate`, in an array where all later ones do too.
    func partitioningIndex(_ predicate: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

extension AddressRange {
    /// The fewest prefixes that make up this range, in rising order; never more than twice its bits.
    var prefixes: [IPPrefix] {
        if let prefix { return [prefix] }
        let width = first.family.bitWidth
        var result: [IPPrefix] = []
        var next = first.bits
        while next <= last.bits {
            let aligned = next == 0 ? width : min(next.trailingZeroBitCount, width)
            let left = last.bits - next
            var bits = 0
            while bits < aligned, bits < 127, (UInt128(1) << UInt128(bits + 1)) - 1 <= left { bits += 1 }
            guard let prefix = IPPrefix(IPAddress(family: first.family, bits: next), length: width - bits) else {
                break
            }
            result.append(prefix)
            let step = UInt128(1) << UInt128(bits)
            guard left >= step else { break }
            next += step
        }
        return result
    }
}
