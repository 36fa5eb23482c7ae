// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Twelve bytes that tie a STUN response to its request.
package struct STUNTransactionID: Hashable, Sendable {
    /// The bytes as a number of 96 bits.
    let value: UInt128

    /// Takes exactly twelve bytes, or nothing.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 12 else { return nil }
        value = bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// Makes a new one.
    package init(using random: inout some RandomNumberGenerator) {
        value = UInt128.random(in: 0..<(1 << 96), using: &random)
    }

    /// The twelve bytes.
    package var bytes: [UInt8] {
        stride(from: 88, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt128($0)) }
    }

    /// What an address is combined with: the cookie and this.
    var addressMask: UInt128 { UInt128(STUNMessage.cookie) << 96 | value }
}
