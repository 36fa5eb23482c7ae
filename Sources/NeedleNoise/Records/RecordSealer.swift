// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Seals the records of one direction of a connection.
///
/// A copy would use the same nonces again, which gives the plaintext away: hold it in one place, and do not copy it.
package struct RecordSealer: Sendable {
    private let key: CipherKey
    private var counter: UInt64

    /// Starts at a counter other than zero only in tests.
    init(key: CipherKey, counter: UInt64 = 0) {
        self.key = key
        self.counter = counter
    }

    /// Turns a plaintext into a record, in place and without allocating.
    ///
    /// - Shape: three bytes for the header, the plaintext, sixteen bytes for the tag; what follows is left alone.
    /// - Throws: ``NoiseError/wrongSize(_:bytes:)`` if the plaintext is too large or the memory too small, and
    ///   ``NoiseError/exhausted`` at the last nonce, which must not be used; nothing is changed then.
    package mutating func seal(
        inPlace record: UnsafeMutableRawBufferPointer,
        plaintextCount: Int
    ) throws(NoiseError) {
        guard (0...ControlMessageSize.plaintextMax).contains(plaintextCount) else {
            throw .wrongSize(.record, bytes: plaintextCount)
        }
        let length = plaintextCount + ControlMessageSize.tag
        guard let start = record.baseAddress, record.count >= ControlMessageSize.header + length else {
            throw .wrongSize(.record, bytes: record.count)
        }
        guard counter != .max else { throw .exhausted }
        record[0] = ControlMessageType.record.rawValue
        record[1] = UInt8(truncatingIfNeeded: length >> 8)
        record[2] = UInt8(truncatingIfNeeded: length)
        key.seal(start + ControlMessageSize.header, count: plaintextCount, counter: counter)
        counter += 1
    }

    /// A record of its own for this plaintext.
    package mutating func seal(_ plaintext: [UInt8]) throws(NoiseError) -> [UInt8] {
        let room = [UInt8](repeating: 0, count: ControlMessageSize.header)
        var record = room + plaintext + [UInt8](repeating: 0, count: ControlMessageSize.tag)
        let outcome = record.withUnsafeMutableBytes { bytes in
            Result { () throws(NoiseError) in try seal(inPlace: bytes, plaintextCount: plaintext.count) }
        }
        try outcome.get()
        return record
    }
}
