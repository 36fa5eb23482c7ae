// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension IPPrefix {
    /// The zones in which the names of the prefix's addresses are looked up, without trailing dots: at the next whole byte
    /// of an IPv4 prefix, the next half byte of an IPv6 prefix; at most 256 of them.
    ///
    /// - Source: RFC 1035, 3.5; RFC 3596, 2.5.
    package var reverseZones: [String] {
        let (labelBits, suffix, radix) = address.family == .v4 ? (8, "in-addr.arpa", 10) : (4, "ip6.arpa", 16)
        let width = address.family == .v4 ? 32 : 128
        let labels = max((length + labelBits - 1) / labelBits, 1)
        let first = address.bits >> UInt128(width - labels * labelBits)
        return (0..<(UInt128(1) << UInt128(labels * labelBits - length))).map { offset in
            let number = first + offset
            let digits = (0..<labels).map { place in
                String((number >> UInt128(place * labelBits)) & ((1 << UInt128(labelBits)) - 1), radix: radix)
            }
            return (digits + [suffix]).joined(separator: ".")
        }
    }
}
