// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// What both sides of a handshake compute alike: a hash of all that was said, and the key to go on with.
///
/// - Source: the Noise specification, revision 34, section 5.2. Each key is used for one message only, so that there
///   is no counter here.
struct SymmetricState {
    /// Longer than a hash, therefore hashed to begin with.
    private static let protocolName = "Noise_IK_25519_ChaChaPoly_BLAKE2s"
    private static let start = BLAKE2s.hash(Array(protocolName.utf8))

    private(set) var hash: [UInt8]
    private var chainingKey: [UInt8]

    /// Starts with the prologue and the pre-message of IK, the responder's public key.
    init(prologue: [UInt8], responderKey: [UInt8]) {
        hash = Self.start
        chainingKey = Self.start
        mixHash(prologue)
        mixHash(responderKey)
    }

    mutating func mixHash(_ bytes: [UInt8]) {
        var next = BLAKE2s()
        next.update(hash)
        next.update(bytes)
        hash = next.finalize()
    }

    /// Takes in a shared secret; the result is the key of the next message, if one follows.
    @discardableResult
    mutating func mixKey(_ secret: [UInt8]) throws(NoiseError) -> CipherKey {
        let (next, key) = BLAKE2s.derive(chainingKey: chainingKey, material: secret)
        chainingKey = next
        return try CipherKey(key)
    }

    mutating func encrypt(_ plaintext: [UInt8], with key: CipherKey) -> [UInt8] {
        var sealed = plaintext + [UInt8](repeating: 0, count: ControlMessageSize.tag)
        sealed.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            key.seal(start, count: plaintext.count, counter: 0, context: hash)
        }
        mixHash(sealed)
        return sealed
    }

    mutating func decrypt(
        _ sealed: [UInt8],
        with key: CipherKey,
        as part: NoiseError.Part
    ) throws(NoiseError) -> [UInt8] {
        let count = sealed.count - ControlMessageSize.tag
        guard count >= 0 else { throw .wrongSize(part, bytes: sealed.count) }
        var plaintext = sealed
        let isAuthentic = plaintext.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            return key.open(start, count: count, counter: 0, context: hash)
        }
        guard isAuthentic else { throw .forged(part) }
        mixHash(sealed)
        plaintext.removeLast(ControlMessageSize.tag)
        return plaintext
    }

    /// The keys of the two directions: the initiator's first, then the responder's.
    consuming func split() throws(NoiseError) -> (initiator: CipherKey, responder: CipherKey) {
        let (first, second) = BLAKE2s.derive(chainingKey: chainingKey, material: [])
        return (try CipherKey(first), try CipherKey(second))
    }
}
