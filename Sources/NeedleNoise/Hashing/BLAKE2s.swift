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

    private typealias Row = SIMD4<UInt32>

    private static let initialLow = Row(0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a)
    private static let initialHigh = Row(0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)
    /// Digest length, no key, fan-out and depth one; the rest of the parameter block is zero.
    private static let parameters: UInt32 = 0x0101_0020

    private static let schedule: [InlineArray<16, UInt8>] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
        [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
        [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
        [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
        [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
        [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
    ]

    private var low = BLAKE2s.initialLow
    private var high = BLAKE2s.initialHigh
    /// The bytes compressed so far; the final block's padding is not among them.
    private var compressed: UInt64 = 0
    private var block = InlineArray<64, UInt8>(repeating: 0)
    private var filled = 0

    /// Starts with the empty message.
    package init() {
        low[0] ^= Self.parameters
    }

    /// The hash of one message.
    package static func hash(_ message: [UInt8]) -> [UInt8] {
        var hash = BLAKE2s()
        hash.update(message)
        return hash.finalize()
    }

    /// Appends to the message.
    package mutating func update(_ bytes: [UInt8]) {
        for byte in bytes {
            // A full block waits for the next byte, because the last block is compressed differently.
            if filled == Self.blockLength { compressBlock(isLast: false) }
            block[filled] = byte
            filled += 1
        }
    }

    /// The hash of everything given so far.
    package consuming func finalize() -> [UInt8] {
        for index in filled..<Self.blockLength { block[index] = 0 }
        compressBlock(isLast: true)
        var digest: [UInt8] = []
        digest.reserveCapacity(Self.digestLength)
        for row in [low, high] {
            for index in 0..<4 {
                for shift: UInt32 in [0, 8, 16, 24] {
                    digest.append(UInt8(truncatingIfNeeded: row[index] >> shift))
                }
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
        var state = Mixing(low: low, high: high, compressed: compressed, isLast: isLast)
        for round in Self.schedule { state.mix(words, in: round) }
        low ^= state.first ^ state.third
        high ^= state.second ^ state.fourth
    }

    /// The sixteen words of a compression, as rows of four that are mixed side by side.
    private struct Mixing {
        var first: Row
        var second: Row
        var third: Row
        var fourth: Row

        init(low: Row, high: Row, compressed: UInt64, isLast: Bool) {
            first = low
            second = high
            third = BLAKE2s.initialLow
            fourth = BLAKE2s.initialHigh
            fourth[0] ^= UInt32(truncatingIfNeeded: compressed)
            fourth[1] ^= UInt32(truncatingIfNeeded: compressed >> 32)
            if isLast { fourth[2] = ~fourth[2] }
        }

        /// One round: the columns, then the diagonals.
        mutating func mix(_ words: InlineArray<16, UInt32>, in order: InlineArray<16, UInt8>) {
            func row(_ start: Int) -> Row {
                Row(
                    words[Int(order[start])],
                    words[Int(order[start + 2])],
                    words[Int(order[start + 4])],
                    words[Int(order[start + 6])]
                )
            }
            mixColumns(row(0), row(1))
            second = Row(second[1], second[2], second[3], second[0])
            third = Row(third[2], third[3], third[0], third[1])
            fourth = Row(fourth[3], fourth[0], fourth[1], fourth[2])
            mixColumns(row(8), row(9))
            second = Row(second[3], second[0], second[1], second[2])
            third = Row(third[2], third[3], third[0], third[1])
            fourth = Row(fourth[1], fourth[2], fourth[3], fourth[0])
        }

        private mutating func mixColumns(_ even: Row, _ odd: Row) {
            first = first &+ second &+ even
            fourth = Self.rotateRight(fourth ^ first, by: 16)
            third = third &+ fourth
            second = Self.rotateRight(second ^ third, by: 12)
            first = first &+ second &+ odd
            fourth = Self.rotateRight(fourth ^ first, by: 8)
            third = third &+ fourth
            second = Self.rotateRight(second ^ third, by: 7)
        }

        private static func rotateRight(_ row: Row, by count: UInt32) -> Row {
            (row &>> Row(repeating: count)) | (row &<< Row(repeating: 32 - count))
        }
    }
}
