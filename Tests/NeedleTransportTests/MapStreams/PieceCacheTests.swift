// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleModel
import NeedleTypes
import Testing

@testable import NeedleTransport

@Suite struct PieceCacheTests {
    private func key(_ revision: Int, isCompressed: Bool = true) -> PieceCache.Key {
        PieceCache.Key(piece: .dns(Revision(UInt64(revision))), isCompressed: isCompressed)
    }

    @Test("makes a piece once for each kind of client")
    func once() {
        let cache = PieceCache(bytesMax: 1 << 20)
        var made = 0
        for _ in 0..<3 {
            for isCompressed in [true, false] {
                let bytes = cache.bytes(for: key(1, isCompressed: isCompressed)) {
                    made += 1
                    return ByteBuffer(string: isCompressed ? "small" : "large")
                }
                #expect(bytes == ByteBuffer(string: isCompressed ? "small" : "large"))
            }
        }
        #expect(made == 2)
    }

    @Test("forgets what has not been used for long, and keeps what is")
    func forgets() {
        let cache = PieceCache(bytesMax: 64 * 1024)
        var made: [Int: Int] = [:]
        func use(_ revision: Int) {
            let bytes = cache.bytes(for: key(revision)) {
                made[revision, default: 0] += 1
                return ByteBuffer(repeating: UInt8(truncatingIfNeeded: revision), count: 512)
            }
            #expect(bytes.getInteger(at: 511, as: UInt8.self) == UInt8(truncatingIfNeeded: revision))
        }
        for revision in 1...1000 {
            use(revision)
            use(0)
        }
        #expect(made[0] == 1)
        // 1,000 pieces are four times what it holds in both generations.
        use(1)
        #expect(made[1] == 2)
    }
}
