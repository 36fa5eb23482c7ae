// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A 32-byte X25519 private key of one role, in the text form that key files hold.
///
/// Its description never shows the key.
///
/// - Shape: `privkey:` and 64 hex digits, for machine, node and DERP keys alike (headscale's files are the same).
package struct PrivateKey<Role: KeyRole>: Sendable, CustomStringConvertible {
    /// The secret scalar; never log it.
    package let bytes: [UInt8]

    /// Takes exactly 32 bytes that are not all zero, or nothing.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32, bytes.contains(where: { $0 != 0 }) else { return nil }
        self.bytes = bytes
    }

    /// Reads the text form, with white space around it as editors leave it.
    package init?(text: String) {
        let trimmed = text.drop(while: \.isWhitespace)
        let end = trimmed.lastIndex { !$0.isWhitespace }
        guard let end, trimmed.hasPrefix("privkey:") else { return nil }
        guard let bytes = Hex.decode(trimmed[...end].utf8.dropFirst("privkey:".utf8.count)) else { return nil }
        self.init(bytes: bytes)
    }

    /// Makes a new key, clamped as RFC 7748 section 5 asks.
    package static func generate(using random: inout some RandomNumberGenerator) -> Self {
        var bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        bytes[0] &= 248
        bytes[31] = (bytes[31] & 127) | 64
        return Self(unchecked: bytes)
    }

    private init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The text for a key file; a secret.
    package var secretText: String { "privkey:" + Hex.encode(bytes) }

    package var description: String { "\(Role.prefix.dropLast())-private:[redacted]" }
}

/// The control server's Noise key, or a simulated machine's.
package typealias MachinePrivateKey = PrivateKey<MachineRole>
/// A node's key, or the relay's own.
package typealias NodePrivateKey = PrivateKey<NodeRole>
