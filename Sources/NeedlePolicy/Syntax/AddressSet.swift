// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// Addresses, kept as ranges that neither touch nor overlap, in rising order.
struct AddressSet: Hashable, Sendable {
    private(set) var ranges: [AddressRange] = []

    init(_ ranges: [AddressRange] = []) {
        for range in ranges { insert(range) }
    }

    /// Adds `range`.
    ///
    /// - Complexity: O(ranges).
    mutating func insert(_ range: AddressRange) {
        var merged = range
        var kept: [AddressRange] = []
        for other in ranges {
            if let both = Self.union(merged, other) { merged = both } else { kept.append(other) }
        }
        kept.append(merged)
        ranges = kept.sorted { $0.first < $1.first }
    }

    /// Takes `range` out.
    ///
    /// - Complexity: O(ranges).
    mutating func remove(_ range: AddressRange) {
        ranges = ranges.flatMap { other -> [AddressRange] in
            guard other.overlaps(range) else { return [other] }
            var rest: [AddressRange] = []
            if other.first < range.first, let part = AddressRange(other.first, range.first.moved(by: -1)) {
                rest.append(part)
            }
            if range.last < other.last, let part = AddressRange(range.last.moved(by: 1), other.last) {
                rest.append(part)
            }
            return rest
        }
    }

    /// One range with all of both if they overlap or touch.
    private static func union(_ left: AddressRange, _ right: AddressRange) -> AddressRange? {
        guard left.first.family == right.first.family else { return nil }
        let (low, high) = left.first <= right.first ? (left, right) : (right, left)
        guard high.first <= low.last || high.first.bits - low.last.bits == 1 else { return nil }
        return AddressRange(low.first, max(low.last, high.last))
    }
}

extension IPAddress {
    /// The address that lies `distance` further; the caller knows that there is one.
    func moved(by distance: Int) -> IPAddress {
        IPAddress(family: family, bits: bits &+ UInt128(truncatingIfNeeded: distance))
    }
}
