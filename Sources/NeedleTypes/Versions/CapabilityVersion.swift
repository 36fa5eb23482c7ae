// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What a client understands; it grows by one with each change of the protocol.
///
/// - Source: `tailcfg.CapabilityVersion`; the history is in the comments there.
package struct CapabilityVersion: Hashable, Comparable, Sendable {
    /// The number, as sent in requests and in the Noise prologue.
    package let value: Int

    /// The version with this number.
    package init(_ value: Int) {
        self.value = value
    }

    /// The lowest that is served: Tailscale 1.80, as with headscale.
    package static let minimum = CapabilityVersion(113)

    /// What this server speaks when it acts as a client in tests and load runs (Tailscale 1.98).
    package static let current = CapabilityVersion(138)

    package static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

extension CapabilityVersion: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Int.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(value)
    }
}
