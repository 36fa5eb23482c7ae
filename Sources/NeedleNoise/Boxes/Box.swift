// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import CSodium
package import NeedleTypes

/// NaCl's `crypto_box`, in which the relay and its clients send their log-in.
///
/// - Source: Bernstein, "Cryptography in NaCl", 2009: X25519, XSalsa20, Poly1305.
/// - Shape: a sealed message is a tag of 16 bytes and as many bytes as the message; the nonce travels beside it.
package enum Box {
    /// The bytes in a nonce, which must be new for each message between the same two keys; random ones are.
    package static let nonceLength = 24
    /// The bytes that sealing adds.
    package static let overhead = 16

    /// Seals a message for the holder of one key, from the holder of another.
    ///
    /// - Throws: ``NoiseError/wrongSize(_:bytes:)`` for the nonce, ``NoiseError/unusableKey`` for a key of low order.
    package static func seal(
        _ message: [UInt8],
        nonce: [UInt8],
        to receiver: NodeKey,
        from sender: NodePrivateKey
    ) throws(NoiseError) -> [UInt8] {
        guard Sodium.isReady else { throw .unavailable }
        guard nonce.count == nonceLength else { throw .wrongSize(.nonce, bytes: nonce.count) }
        var sealed = [UInt8](repeating: 0, count: message.count + overhead)
        let status = crypto_box_easy(
            &sealed,
            message,
            UInt64(message.count),
            nonce,
            receiver.bytes,
            sender.bytes
        )
        guard status == 0 else { throw .unusableKey }
        return sealed
    }

    /// Opens what the holder of one key sealed for the holder of another.
    ///
    /// - Throws: ``NoiseError/wrongSize(_:bytes:)`` or ``NoiseError/forged(_:)``, the latter for a key of low order too.
    package static func open(
        _ sealed: [UInt8],
        nonce: [UInt8],
        from sender: NodeKey,
        to receiver: NodePrivateKey
    ) throws(NoiseError) -> [UInt8] {
        guard Sodium.isReady else { throw .unavailable }
        guard nonce.count == nonceLength else { throw .wrongSize(.nonce, bytes: nonce.count) }
        guard sealed.count >= overhead else { throw .wrongSize(.box, bytes: sealed.count) }
        var message = [UInt8](repeating: 0, count: sealed.count - overhead)
        let status = crypto_box_open_easy(
            &message,
            sealed,
            UInt64(sealed.count),
            nonce,
            sender.bytes,
            receiver.bytes
        )
        guard status == 0 else { throw .forged(.box) }
        return message
    }
}
