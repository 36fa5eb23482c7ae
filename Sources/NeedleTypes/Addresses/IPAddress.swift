// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Glibc

/// An IPv4 or IPv6 address.
///
/// Text is read and written by the C library (`inet_pton`, `inet_ntop`); no zones.
package struct IPAddress: Hashable, Sendable {
    /// Which kind of address.
    package enum Family: UInt8, Sendable, Hashable, Comparable {
        case v4 = 4
        case v6 = 6

        /// 32 or 128.
        package var bitWidth: Int { self == .v4 ? 32 : 128 }

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// Which kind of address this is.
    package let family: Family
    /// The address as a number; for IPv4 the lowest 32 bits.
    package let bits: UInt128

    /// The address of `family` with this number; higher bits than the family has are dropped.
    package init(family: Family, bits: UInt128) {
        self.family = family
        self.bits = family == .v4 ? bits & 0xffff_ffff : bits
    }

    /// An address of 4 or 16 bytes in network order.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.init(family: bytes.count == 4 ? .v4 : .v6, bits: bytes.reduce(0) { $0 << 8 | UInt128($1) })
    }

    /// Reads the usual text; zones, ports, prefix lengths and white space are refused.
    package init?(text: some StringProtocol) {
        guard !text.utf8.contains(0), text.utf8.count < 64 else { return nil }
        let string = String(text)
        var v4 = in_addr()
        if inet_pton(AF_INET, string, &v4) == 1 {
            self.init(family: .v4, bits: UInt128(UInt32(bigEndian: v4.s_addr)))
            return
        }
        var v6 = in6_addr()
        guard inet_pton(AF_INET6, string, &v6) == 1 else { return nil }
        self.init(bytes: withUnsafeBytes(of: &v6) { Array($0) })
    }

    /// The bytes in network order: 4 or 16.
    package var bytes: [UInt8] {
        stride(from: family.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> UInt128($0)) }
    }

    /// Whether this is `fe80::/10` or `169.254.0.0/16`.
    package var isLinkLocal: Bool {
        family == .v4 ? bits >> 16 == 0xa9fe : bits >> 118 == 0xfe80 >> 6
    }

    /// Whether this is `::1` or `127.0.0.0/8`.
    package var isLoopback: Bool {
        family == .v4 ? bits >> 24 == 127 : bits == 1
    }

    /// The IPv4 address inside an IPv4-mapped IPv6 address, else this one.
    package var unmapped: IPAddress {
        family == .v6 && bits >> 32 == 0xffff ? IPAddress(family: .v4, bits: bits) : self
    }
}

extension IPAddress: Comparable {
    /// IPv4 before IPv6, then by number.
    package static func < (left: Self, right: Self) -> Bool {
        left.family == right.family ? left.bits < right.bits : left.family < right.family
    }
}

extension IPAddress: CustomStringConvertible {
    /// Canonical text (RFC 5952 for IPv6).
    package var description: String {
        if family == .v4 {
            let number = UInt32(truncatingIfNeeded: bits)
            return "\(number >> 24).\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
        }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let start = buffer.baseAddress,
                inet_ntop(AF_INET6, bytes, start, socklen_t(INET6_ADDRSTRLEN)) != nil
            else { return "::" }
            return String(cString: start)
        }
    }
}

extension IPAddress: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let address = IPAddress(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected an IP address")
        }
        self = address
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
