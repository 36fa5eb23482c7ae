// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleTesting
import Testing

@testable import NeedleSwarm

@Suite struct ZstdDecoderTests {
    private static let text = Array(String(repeating: "needletail ", count: 10_000).utf8)

    @Test("decompresses several frames as one text", arguments: [true, false])
    func frames(tellsLength: Bool) throws {
        let pieces = [Array(Self.text.prefix(10)), [], Array(Self.text.dropFirst(10))]
        let message = try TestZstd.message(pieces, tellsLength: tellsLength)
        let text = try ZstdDecoder().message(message, limit: Self.text.count)
        #expect(Array(buffer: text) == Self.text)
    }

    @Test("an empty message is an empty text")
    func empty() throws {
        #expect(try ZstdDecoder().message(ByteBuffer(), limit: 10).readableBytes == 0)
    }

    @Test("refuses a text that is longer than allowed, told or not", arguments: [true, false])
    func limit(tellsLength: Bool) throws {
        let decoder = try ZstdDecoder()
        let message = try TestZstd.message([Self.text], tellsLength: tellsLength)
        #expect(throws: ClientError.self) { try decoder.message(message, limit: Self.text.count - 1) }
        let two = try TestZstd.message([Self.text, [1]], tellsLength: tellsLength)
        #expect(throws: ClientError.self) { try decoder.message(two, limit: Self.text.count) }
        #expect(try decoder.message(message, limit: Self.text.count).readableBytes == Self.text.count)
    }

    @Test("a frame that claims a vast length costs nothing")
    func vastClaim() throws {
        // Magic, single segment with eight bytes of length, 2^40, one empty last block.
        let frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0]
        #expect(throws: ClientError.self) { try ZstdDecoder().message(ByteBuffer(bytes: frame), limit: 1 << 20) }
    }

    @Test("refuses what is cut off, whatever is missing", arguments: [1, 2, 5, 9, 20])
    func cutOff(missing: Int) throws {
        let frame = try TestZstd.frame(Array("a text that does not compress well".utf8))
        let cut = ByteBuffer(bytes: frame.dropLast(missing))
        #expect(throws: ClientError.self) { try ZstdDecoder().message(cut, limit: 1 << 20) }
    }

    @Test("damage is refused or changes the text, and the decoder goes on", arguments: 0..<100 as Range<UInt64>)
    func damage(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let decoder = try ZstdDecoder()
        var frame = try TestZstd.frame(Array(Self.text.prefix(3000)), tellsLength: Bool.random(using: &random))
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            frame[Int.random(in: frame.indices, using: &random)] = .random(in: .min ... .max, using: &random)
        }
        let limit = 100_000
        do throws(ClientError) {
            let text = try decoder.message(ByteBuffer(bytes: frame), limit: limit)
            #expect(text.readableBytes <= limit)
        } catch {
            #expect(!error.description.isEmpty)
        }
        let good = try TestZstd.message([Self.text])
        #expect(try decoder.message(good, limit: Self.text.count).readableBytes == Self.text.count)
    }
}
