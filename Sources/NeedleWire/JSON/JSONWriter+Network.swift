// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Keys and addresses, written digit by digit.
///
/// A node's JSON holds three keys and four or more prefixes; `inet_ntop` and intermediate strings would cost more than
/// all the rest of it.
extension JSONWriter {
    /// Writes a key's text form between quotes.
    package mutating func key<Role>(_ key: PublicKey<Role>) {
        quoted { text in
            text.append(contentsOf: Role.prefix.utf8)
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { digits in
                for (index, byte) in key.bytes.prefix(32).enumerated() {
                    digits[2 * index] = Self.digit(byte >> 4)
                    digits[2 * index + 1] = Self.digit(byte & 15)
                }
                text.append(contentsOf: digits)
            }
        }
    }

    /// Writes `address/length` between quotes.
    package mutating func prefix(_ prefix: IPPrefix) {
        quoted { text in
            prefix.address.append(to: &text)
            text.append(UInt8(ascii: "/"))
            IPAddress.appendDecimal(UInt32(prefix.length), to: &text)
        }
    }

    /// Writes `address:port` between quotes, with brackets around IPv6.
    package mutating func endpoint(_ endpoint: Endpoint) {
        quoted { text in
            let bracketed = endpoint.address.family == .v6
            if bracketed { text.append(UInt8(ascii: "[")) }
            endpoint.address.append(to: &text)
            if bracketed { text.append(UInt8(ascii: "]")) }
            text.append(UInt8(ascii: ":"))
            IPAddress.appendDecimal(UInt32(endpoint.port), to: &text)
        }
    }
}

extension IPAddress {
    /// Appends the same text as `description`.
    ///
    /// - Source: RFC 5952 sections 4 and 5.
    func append(to text: inout [UInt8]) {
        if family == .v4 {
            for shift in stride(from: 24, through: 0, by: -8) {
                Self.appendDecimal(UInt32(truncatingIfNeeded: bits >> UInt128(shift)) & 255, to: &text)
                if shift > 0 { text.append(UInt8(ascii: ".")) }
            }
        } else if bits >> 32 == 0xffff || (bits >> 32 == 0 && bits >> 16 != 0) {
            // The mixed notation of mapped and compatible addresses is rare: the C library knows it.
            text.append(contentsOf: description.utf8)
        } else {
            appendGroups(to: &text)
        }
    }

    private func appendGroups(to text: inout [UInt8]) {
        let gap = longestZeroRun()
        var index = 0
        while index < 8 {
            if index == gap.lowerBound, !gap.isEmpty {
                text.append(UInt8(ascii: ":"))
                text.append(UInt8(ascii: ":"))
                index = gap.upperBound
                continue
            }
            if index > 0, index != gap.upperBound || gap.isEmpty { text.append(UInt8(ascii: ":")) }
            Self.appendHexadecimal(group(index), to: &text)
            index += 1
        }
    }

    private func group(_ index: Int) -> UInt16 {
        UInt16(truncatingIfNeeded: bits >> UInt128(112 - 16 * index))
    }

    /// The first of the longest runs of two or more zero groups; empty if there is none.
    private func longestZeroRun() -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0..<8 {
            if group(index) != 0 { start = index + 1 }
            if index + 1 - start > max(best.count, 1) { best = start..<index + 1 }
        }
        return best
    }

    static func appendDecimal(_ value: UInt32, to text: inout [UInt8]) {
        var divisor: UInt32 = 1
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
            divisor /= 10
        }
    }

    private static func appendHexadecimal(_ value: UInt16, to text: inout [UInt8]) {
        var shift: UInt16 = 12
        while shift > 0, value >> shift == 0 { shift -= 4 }
        while true {
            let digit = UInt8(truncatingIfNeeded: value >> shift) & 15
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            if shift == 0 { return }
            shift -= 4
        }
    }
}
