// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// A hash that is the same in every process, for telling whether a part of an answer changed.
struct ContentHash: Sendable {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func combine(_ number: UInt64) {
        value = (value ^ number) &* 0x9e37_79b9_7f4a_7c15
        value ^= value >> 29
    }

    mutating func combine(_ text: String) {
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x0100_0000_01b3 }
        combine(UInt64(text.utf8.count))
    }

    static func of(_ addresses: [IPAddress]) -> UInt64 {
        var hash = ContentHash()
        for address in addresses {
            hash.combine(UInt64(truncatingIfNeeded: address.bits))
            hash.combine(UInt64(truncatingIfNeeded: address.bits >> 64))
            hash.combine(UInt64(address.family.rawValue))
        }
        return hash.value
    }
}
