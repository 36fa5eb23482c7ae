// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// An address and how many of its leading bits count; the other bits are always zero.
///
/// Clients refuse prefixes with host bits, so none can be made (reference: protocol trap 14).
package struct IPPrefix: Hashable, Sendable {
    /// The lowest address.
    package let address: IPAddress
    /// 0 to 32, or 0 to 128.
    package let length: Int

    /// The prefix of `length` bits that `address` lies in; nothing if the family has fewer bits.
    package init?(_ address: IPAddress, length: Int) {
        guard (0...address.family.bitWidth).contains(length) else { return nil }
        let hostBits = address.family.bitWidth - length
        self.address = IPAddress(
            family: address.family,
            bits: hostBits >= 128 ? 0 : (address.bits >> UInt128(hostBits)) << UInt128(hostBits)
        )
        self.length = length
    }

    /// The prefix that holds `address` alone.
    package init(single address: IPAddress) {
        self.address = address
        length = address.family.bitWidth
    }

    /// Reads `address/length`; host bits are cleared, a bare address is refused.
    package init?(text: some StringProtocol) {
        guard let slash = text.lastIndex(of: "/"), let address = IPAddress(text: text[..<slash]) else { return nil }
        let digits = text[text.index(after: slash)...]
        guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            digits == "0" || digits.first != "0", let length = Int(digits)
        else { return nil }
        self.init(address, length: length)
    }

    /// Whether it holds a single address.
    package var isSingle: Bool { length == address.family.bitWidth }

    /// The highest address.
    package var last: IPAddress {
        let hostBits = address.family.bitWidth - length
        let mask: UInt128 = hostBits >= 128 ? .max : (1 << UInt128(hostBits)) - 1
        return IPAddress(family: address.family, bits: address.bits | mask)
    }

    /// Whether `other` lies in it.
    package func contains(_ other: IPAddress) -> Bool {
        IPPrefix(other, length: length)?.address == address && other.family == address.family
    }

    /// Whether all of `other` lies in it.
    package func contains(_ other: IPPrefix) -> Bool {
        other.length >= length && contains(other.address)
    }

    /// Whether this is `0.0.0.0/0` or `::/0`, which make an exit node.
    package var isDefaultRoute: Bool { length == 0 }
}

extension IPPrefix: Comparable {
    /// By address, then shorter prefixes first.
    package static func < (left: Self, right: Self) -> Bool {
        left.address == right.address ? left.length < right.length : left.address < right.address
    }
}

extension IPPrefix: CustomStringConvertible {
    package var description: String { "\(address)/\(length)" }
}

extension IPPrefix: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let prefix = IPPrefix(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected address/length")
        }
        self = prefix
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
