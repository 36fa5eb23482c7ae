// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Crypto

/// An X25519 private key that is ready for use.
///
/// swift-crypto rather than libsodium here: 23 µs against 29 µs for a shared secret, 9 µs against 26 µs for a public
/// key, and a handshake is little else.
///
/// - Source: RFC 7748.
struct KeyAgreement: Sendable {
    private let key: Curve25519.KeyAgreement.PrivateKey

    /// Takes 32 bytes that are not all zero.
    init(_ bytes: [UInt8], _ part: NoiseError.Part) throws(NoiseError) {
        guard bytes.count == ControlMessageSize.key else { throw .wrongSize(part, bytes: bytes.count) }
        guard bytes.contains(where: { $0 != 0 }) else { throw .unusableKey }
        do {
            key = try Curve25519.KeyAgreement.PrivateKey(rawRepresentation: bytes)
        } catch {
            throw .unusableKey
        }
    }

    /// The 32 bytes of the public key.
    var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }

    /// The secret shared with the holder of another key.
    ///
    /// - Throws: ``NoiseError/unusableKey`` if the secret is all zero, as it is with keys of low order.
    func secret(with publicKey: [UInt8]) throws(NoiseError) -> [UInt8] {
        let secret: [UInt8]
        do {
            let other = try Curve25519.KeyAgreement.PublicKey(rawRepresentation: publicKey)
            secret = try key.sharedSecretFromKeyAgreement(with: other).withUnsafeBytes { Array($0) }
        } catch {
            throw .unusableKey
        }
        guard secret.reduce(0, |) != 0 else { throw .unusableKey }
        return secret
    }
}
