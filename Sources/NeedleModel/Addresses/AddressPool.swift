// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HashTreeCollections
package import NeedleTypes

/// The addresses of one family: which prefix they come from, which are taken.
///
/// An address is never given to a second node while the first has it, and sequential allocation does not come back to
/// a freed address before the prefix has been walked through.
package struct AddressPool: Sendable {
    private let prefix: IPPrefix
    private let allocation: AddressAllocation
    private var taken: TreeSet<UInt128> = []
    /// By range, the address that was given last.
    private var last: [IPPrefix: UInt128] = [:]

    /// An empty pool for `prefix`.
    package init(prefix: IPPrefix, allocation: AddressAllocation) {
        self.prefix = prefix
        self.allocation = allocation
    }

    /// Takes note that a node has `address` (from storage), inside the prefix or not.
    package mutating func take(_ address: IPAddress) {
        guard address.family == prefix.address.family else { return }
        taken.insert(address.bits)
        guard allocation == .sequential, prefix.contains(address) else { return }
        last[prefix] = max(last[prefix] ?? 0, address.bits)
    }

    /// Gives `address` back.
    package mutating func release(_ address: IPAddress) {
        if address.family == prefix.address.family { taken.remove(address.bits) }
    }

    /// Takes a free address: from `ranges` if there are any of this family, else from the whole prefix.
    ///
    /// - Throws: ``ModelError`` when every address is taken.
    /// - Complexity: O(1) expected for each range; O(taken) for one that is nearly full.
    mutating func allocate(
        from ranges: [IPPrefix] = [],
        using random: inout some RandomNumberGenerator
    ) throws(ModelError) -> IPAddress {
        let family = prefix.address.family
        let pools = ranges.filter { $0.address.family == family }
        for pool in pools.isEmpty ? [prefix] : pools {
            if let address = allocate(in: pool, using: &random) { return address }
        }
        guard pools.isEmpty else {
            throw ModelError(
                .exhausted,
                "no free address is left in the policy's ipPool \(pools.map(\.description).joined(separator: ", ")); delete nodes that are not used, or make the pool larger"
            )
        }
        throw ModelError(
            .exhausted,
            "no free address is left in \(prefix); delete nodes that are not used, or configure a larger prefixes.v\(family.rawValue)"
        )
    }

    private mutating func allocate(
        in range: IPPrefix,
        using random: inout some RandomNumberGenerator
    ) -> IPAddress? {
        let first = range.address.bits
        let end = range.last.bits
        var candidate: UInt128
        if allocation == .random {
            candidate = UInt128.random(in: first...end, using: &random)
        } else {
            candidate = last[range].map { $0 < end ? $0 + 1 : first } ?? first
        }
        // One look more than there are taken or reserved addresses must find a free one, if there is one.
        let looksMax = min(UInt128(taken.count) + Self.reservedMax, end - first) + 1
        var looks: UInt128 = 0
        while looks <= looksMax {
            let address = IPAddress(family: range.address.family, bits: candidate)
            if let beyond = Self.endOfReserved(address) {
                candidate = beyond < end ? beyond + 1 : first
                looks += 1
                continue
            }
            if !taken.contains(candidate), !isEdge(candidate) {
                taken.insert(candidate)
                if allocation == .sequential { last[range] = candidate }
                return address
            }
            candidate = candidate < end ? candidate + 1 : first
            looks += 1
        }
        return nil
    }

    /// Network and broadcast address of IPv4, the all-routers address of IPv6.
    private func isEdge(_ bits: UInt128) -> Bool {
        if prefix.isSingle { return false }
        if bits == prefix.address.bits { return true }
        return prefix.address.family == .v4 && bits == prefix.last.bits && prefix.length < 31
    }

    /// Blocks that may be in the way, for the bound on the search.
    private static let reservedMax: UInt128 = 8

    /// The last address of the reserved block that `address` lies in.
    ///
    /// - Source: 100.100.100.100 and fd7a:115c:a1e0::53 are the client's own resolver, 100.100.0.0/24 and
    ///   100.115.92.0/23 are kept free by Tailscale (the latter is used inside ChromeOS).
    private static func endOfReserved(_ address: IPAddress) -> UInt128? {
        if address.family == .v6 {
            return address.bits == 0xfd7a_115c_a1e0_0000_0000_0000_0000_0053 ? address.bits : nil
        }
        for (first, last) in [(0x6464_0000, 0x6464_00ff), (0x6464_6464, 0x6464_6464), (0x6473_5c00, 0x6473_5dff)]
        where (UInt128(first)...UInt128(last)).contains(address.bits) {
            return UInt128(last)
        }
        return nil
    }
}
