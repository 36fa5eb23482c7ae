// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Opens the records of one direction of a connection, in the order in which they were sealed.
///
/// After one refusal every further record is refused: the two sides no longer agree about what was said.
package struct RecordOpener: Sendable {
    private let key: CipherKey
    private var counter: UInt64
    private var isBroken = false

    /// Starts at a counter other than zero only in tests.
    init(key: CipherKey, counter: UInt64 = 0) {
        self.key = key
        self.counter = counter
    }

    /// Opens what followed a record's header, in place and without allocating.
    ///
    /// Zero is a legal result: the record then carries nothing and is to be skipped.
    ///
    /// - Returns: how many bytes of plaintext now stand at the start of the memory.
    /// - Throws: ``NoiseError/wrongSize(_:bytes:)``, ``NoiseError/forged(_:)``, ``NoiseError/exhausted`` or
    ///   ``NoiseError/broken``; the connection is over.
    package mutating func open(inPlace ciphertext: UnsafeMutableRawBufferPointer) throws(NoiseError) -> Int {
        guard !isBroken else { throw .broken }
        isBroken = true
        guard let start = ciphertext.baseAddress,
            (ControlMessageSize.tag...ControlMessageSize.ciphertextMax).contains(ciphertext.count)
        else {
            throw .wrongSize(.record, bytes: ciphertext.count)
        }
        guard counter != .max else { throw .exhausted }
        let count = ciphertext.count - ControlMessageSize.tag
        guard key.open(start, count: count, counter: counter) else { throw .forged(.record) }
        counter += 1
        isBroken = false
        return count
    }

    /// The plaintext of what followed a record's header.
    package mutating func open(_ ciphertext: [UInt8]) throws(NoiseError) -> [UInt8] {
        var bytes = ciphertext
        let outcome = bytes.withUnsafeMutableBytes { bytes in
            Result { () throws(NoiseError) in try open(inPlace: bytes) }
        }
        return Array(bytes.prefix(try outcome.get()))
    }
}
