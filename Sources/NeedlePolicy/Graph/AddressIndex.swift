// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Leads from an address or a route to the selectors that name it.
struct AddressIndex: Sendable {
    private var byPrefix: [IPPrefix: [SelectorID]] = [:]
    private var lengths: [IPAddress.Family: Set<Int>] = [:]
    private var sorted: [IPPrefix] = []

    mutating func insert(_ ranges: [AddressRange], _ id: SelectorID) {
        for prefix in ranges.flatMap(\.prefixes) {
            lengths[prefix.address.family, default: []].insert(prefix.length)
            byPrefix[prefix, default: []].append(id)
        }
    }

    /// To be called once, after everything is in.
    mutating func seal() {
        sorted = byPrefix.keys.sorted()
    }

    /// Calls `body` for each selector with `address`.
    ///
    /// - Complexity: O(prefix lengths in use).
    func forEach(containing address: IPAddress, _ body: (SelectorID) -> Void) {
        forEach(covering: IPPrefix(single: address), body)
    }

    /// Calls `body` for each selector that shares an address with `route`.
    func forEach(overlapping route: IPPrefix, _ body: (SelectorID) -> Void) {
        forEach(covering: route, body)
        var index = sorted.partitioningIndex { $0.address >= route.address }
        while index < sorted.count, route.contains(sorted[index].address) {
            if sorted[index].length > route.length { byPrefix[sorted[index]]?.forEach(body) }
            index += 1
        }
    }

    private func forEach(covering prefix: IPPrefix, _ body: (SelectorID) -> Void) {
        for length in lengths[prefix.address.family] ?? [] where length <= prefix.length {
            guard let wider = IPPrefix(prefix.address, length: length) else { continue }
            for id in byPrefix[wider] ?? [] { body(id) }
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
    /// The fewest prefixes that make up this range, in rising order.
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
