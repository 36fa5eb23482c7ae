// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// A hash that is the same in every process, for telling whether a part of an answer changed.
struct ContentHash: Sendable {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func combine(_ number: UInt64) {
        // The sum keeps a hash of what was hashed before from cancelling itself out.
        value = ((value &+ 0x9e37_79b9_7f4a_7c15) ^ number) &* 0xbf58_476d_1ce4_e5b9
        value ^= value >> 31
    }

    mutating func combine(_ text: String) {
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x0100_0000_01b3 }
        combine(UInt64(text.utf8.count))
    }

    mutating func combine(_ address: IPAddress) {
        combine(UInt64(truncatingIfNeeded: address.bits))
        combine(UInt64(truncatingIfNeeded: address.bits >> 64))
        combine(UInt64(address.family.rawValue))
    }

    mutating func combine(_ ports: [PortRange]) {
        for range in ports { combine(UInt64(range.first) << 16 | UInt64(range.last)) }
        combine(UInt64(ports.count))
    }

    mutating func combine(_ capabilities: CapMap) {
        for (name, values) in capabilities.sorted(by: { $0.key < $1.key }) {
            combine(name)
            for value in values { combine(value.text) }
            combine(UInt64(values.count))
        }
    }

    static func of(_ addresses: [IPAddress]) -> UInt64 {
        var hash = ContentHash()
        for address in addresses { hash.combine(address) }
        return hash.value
    }

    /// One hash of several, whatever their order.
    static func of(unordered values: some Sequence<UInt64>) -> UInt64 {
        values.reduce(into: 0) { sum, value in
            var hash = ContentHash()
            hash.combine(value)
            sum &+= hash.value
        }
    }
}
