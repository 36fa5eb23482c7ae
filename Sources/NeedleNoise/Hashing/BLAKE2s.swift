// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// The BLAKE2s-256 hash, unkeyed.
///
/// Written here because neither swift-crypto nor libsodium has it (libsodium's is the 64-bit BLAKE2b).
///
/// - Source: RFC 7693; section 3.1 for the mixing, 3.2 for the compression, 2.7 for the message schedule.
package struct BLAKE2s: Sendable {
    /// The bytes in a digest.
    package static let digestLength = 32
    /// The bytes that one compression takes.
    package static let blockLength = 64

    private static let initial: InlineArray<8, UInt32> = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    /// Digest length, no key, fan-out and depth one; the rest of the parameter block is zero.
    private static let parameters: UInt32 = 0x0101_0020

    private var chain = BLAKE2s.initial
    /// The bytes compressed so far; the final block's padding is not among them.
    private var compressed: UInt64 = 0
    private var block = InlineArray<64, UInt8>(repeating: 0)
    private var filled = 0

    /// Starts with the empty message.
    package init() {
        chain[0] ^= Self.parameters
    }

    /// The hash of one message.
    package static func hash(_ message: [UInt8]) -> [UInt8] {
        var hash = BLAKE2s()
        hash.update(message)
        return hash.finalize()
    }

    /// Appends to the message.
    package mutating func update(_ bytes: [UInt8]) {
        var taken = 0
        while taken < bytes.count {
            // A full block waits for the next byte, because the last block is compressed differently.
            if filled == Self.blockLength { compressBlock(isLast: false) }
            let count = min(bytes.count - taken, Self.blockLength - filled)
            for index in 0..<count { block[filled + index] = bytes[taken + index] }
            filled += count
            taken += count
        }
    }

    /// The hash of everything given so far.
    package consuming func finalize() -> [UInt8] {
        for index in filled..<Self.blockLength { block[index] = 0 }
        compressBlock(isLast: true)
        var digest: [UInt8] = []
        digest.reserveCapacity(Self.digestLength)
        for index in 0..<8 {
            for shift: UInt32 in [0, 8, 16, 24] {
                digest.append(UInt8(truncatingIfNeeded: chain[index] >> shift))
            }
        }
        return digest
    }

    private mutating func compressBlock(isLast: Bool) {
        compressed &+= UInt64(filled)
        filled = 0
        var words = InlineArray<16, UInt32>(repeating: 0)
        for index in 0..<16 {
            let start = index * 4
            words[index] =
                UInt32(block[start]) | UInt32(block[start + 1]) << 8
                | UInt32(block[start + 2]) << 16 | UInt32(block[start + 3]) << 24
        }
        var state = Mixing(chain: chain, compressed: compressed, isLast: isLast)
        state.mix(words, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
        state.mix(words, [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3])
        state.mix(words, [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4])
        state.mix(words, [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8])
        state.mix(words, [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13])
        state.mix(words, [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9])
        state.mix(words, [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11])
        state.mix(words, [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10])
        state.mix(words, [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5])
        state.mix(words, [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0])
        for index in 0..<8 { chain[index] ^= state.words[index] ^ state.words[index + 8] }
    }

    /// The sixteen words of a compression, as a square of four rows.
    ///
    /// All of it is inlined with constant indices, and the words end up in registers: 0.1 µs a block, where looking
    /// the order up in a table took 2 µs and vectors of four 0.4 µs. A handshake compresses some 70 blocks.
    private struct Mixing {
        var words: InlineArray<16, UInt32>

        @inline(__always)
        init(chain: InlineArray<8, UInt32>, compressed: UInt64, isLast: Bool) {
            words = .init(repeating: 0)
            for index in 0..<8 {
                words[index] = chain[index]
                words[index + 8] = BLAKE2s.initial[index]
            }
            words[12] ^= UInt32(truncatingIfNeeded: compressed)
            words[13] ^= UInt32(truncatingIfNeeded: compressed >> 32)
            if isLast { words[14] = ~words[14] }
        }

        /// One round: the columns, then the diagonals.
        @inline(__always)
        mutating func mix(_ message: InlineArray<16, UInt32>, _ order: InlineArray<16, Int>) {
            mix(0, 4, 8, 12, message[order[0]], message[order[1]])
            mix(1, 5, 9, 13, message[order[2]], message[order[3]])
            mix(2, 6, 10, 14, message[order[4]], message[order[5]])
            mix(3, 7, 11, 15, message[order[6]], message[order[7]])
            mix(0, 5, 10, 15, message[order[8]], message[order[9]])
            mix(1, 6, 11, 12, message[order[10]], message[order[11]])
            mix(2, 7, 8, 13, message[order[12]], message[order[13]])
            mix(3, 4, 9, 14, message[order[14]], message[order[15]])
        }

        @inline(__always)
        private mutating func mix(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ even: UInt32, _ odd: UInt32) {
            words[a] = words[a] &+ words[b] &+ even
            words[d] = Self.rotateRight(words[d] ^ words[a], by: 16)
            words[c] = words[c] &+ words[d]
            words[b] = Self.rotateRight(words[b] ^ words[c], by: 12)
            words[a] = words[a] &+ words[b] &+ odd
            words[d] = Self.rotateRight(words[d] ^ words[a], by: 8)
            words[c] = words[c] &+ words[d]
            words[b] = Self.rotateRight(words[b] ^ words[c], by: 7)
        }

        @inline(__always)
        private static func rotateRight(_ word: UInt32, by count: UInt32) -> UInt32 {
            word &>> count | word &<< (32 - count)
        }
    }
}
