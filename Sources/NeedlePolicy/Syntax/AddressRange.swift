// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// Addresses that follow one another: one, a prefix, or `a-b`.
package struct AddressRange: Hashable, Sendable {
    /// The lowest address.
    package let first: IPAddress
    /// The highest address, of the same family.
    package let last: IPAddress

    /// The addresses from `first` to `last`; nothing if they are of two families or the wrong way round.
    package init?(_ first: IPAddress, _ last: IPAddress) {
        guard first.family == last.family, first <= last else { return nil }
        self.first = first
        self.last = last
    }

    /// All of `prefix`.
    package init(_ prefix: IPPrefix) {
        first = prefix.address
        last = prefix.last
    }

    /// Reads an address, a prefix, or two addresses with `-` between them.
    package init?(text: some StringProtocol) {
        guard text.utf8.first.map(Self.mayBegin) ?? false else { return nil }
        if let prefix = IPPrefix(text: text) {
            self.init(prefix)
        } else if let address = IPAddress(text: text) {
            self.init(address, address)
        } else if let dash = text.firstIndex(of: "-"), let first = IPAddress(text: text[..<dash]),
            let last = IPAddress(text: text[text.index(after: dash)...])
        {
            self.init(first, last)
        } else {
            return nil
        }
    }

    /// Whether an address may begin with `byte`; spares most names the attempt.
    private static func mayBegin(_ byte: UInt8) -> Bool {
        (0x30...0x3a).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }

    /// Whether there is only one address in it.
    package var isSingle: Bool { first == last }

    /// The prefix with exactly these addresses, if there is one.
    package var prefix: IPPrefix? {
        let difference = first.bits ^ last.bits
        let length = first.family.bitWidth - (128 - difference.leadingZeroBitCount)
        guard let prefix = IPPrefix(first, length: length), prefix.address == first, prefix.last == last else {
            return nil
        }
        return prefix
    }

    /// Whether `address` is in it.
    package func contains(_ address: IPAddress) -> Bool {
        address.family == first.family && first <= address && address <= last
    }

    /// Whether any address is in both.
    package func overlaps(_ other: AddressRange) -> Bool {
        first.family == other.first.family && first <= other.last && other.first <= last
    }

    /// Whether any address is in both.
    package func overlaps(_ prefix: IPPrefix) -> Bool { overlaps(AddressRange(prefix)) }
}

extension AddressRange: CustomStringConvertible {
    /// As packet filters write it: a bare address, a prefix, or `a-b`.
    package var description: String {
        if isSingle { return first.description }
        return prefix?.description ?? "\(first)-\(last)"
    }
}
