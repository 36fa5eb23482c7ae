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
    /// - Complexity: O(log ranges) comparisons; what lies behind is moved.
    mutating func insert(_ range: AddressRange) {
        // All that touch lie together.
        let first = ranges.partitioningIndex { !Self.endsBefore($0, range, touching: false) }
        var end = first
        var (low, high) = (range.first, range.last)
        while end < ranges.count, !Self.endsBefore(range, ranges[end], touching: false) {
            low = min(low, ranges[end].first)
            high = max(high, ranges[end].last)
            end += 1
        }
        ranges.replaceSubrange(first..<end, with: CollectionOfOne(AddressRange(low, high) ?? range))
    }

    /// Takes `range` out.
    ///
    /// - Complexity: O(log ranges) comparisons; what lies behind is moved.
    mutating func remove(_ range: AddressRange) {
        let first = ranges.partitioningIndex { !Self.endsBefore($0, range, touching: true) }
        var end = first
        var rest: [AddressRange] = []
        while end < ranges.count, ranges[end].overlaps(range) {
            let other = ranges[end]
            if other.first < range.first, let part = AddressRange(other.first, range.first.moved(by: -1)) {
                rest.append(part)
            }
            if range.last < other.last, let part = AddressRange(range.last.moved(by: 1), other.last) {
                rest.append(part)
            }
            end += 1
        }
        ranges.replaceSubrange(first..<end, with: rest)
    }

    /// Whether `left` lies wholly below `right`; ranges that touch one another count as `touching` says.
    private static func endsBefore(_ left: AddressRange, _ right: AddressRange, touching: Bool) -> Bool {
        guard left.first.family == right.first.family else { return left.first.family < right.first.family }
        guard left.last < right.first else { return false }
        return touching || right.first.bits - left.last.bits > 1
    }
}

extension IPAddress {
    /// The address that lies `distance` further; the caller knows that there is one.
    func moved(by distance: Int) -> IPAddress {
        IPAddress(family: family, bits: bits &+ UInt128(truncatingIfNeeded: distance))
    }
}
