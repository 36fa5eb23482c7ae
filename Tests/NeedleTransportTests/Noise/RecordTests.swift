// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleNoise
import NeedleTesting
import Testing

@testable import NeedleTransport

@Suite("Noise records")
struct RecordTests {
    /// The plaintexts of a run of records, each by itself.
    private func open(_ bytes: [UInt8], with opener: inout RecordOpener) throws -> [[UInt8]] {
        var rest = bytes[...]
        var plaintexts: [[UInt8]] = []
        while !rest.isEmpty {
            let header = try #require(RecordHeader(bytes: rest.prefix(3)))
            #expect(header.type == .record)
            let end = rest.startIndex + 3 + Int(header.length)
            #expect(3 + Int(header.length) <= ControlMessageSize.recordMax)
            plaintexts.append(try opener.open(Array(rest[(rest.startIndex + 3)..<end])))
            rest = rest[end...]
        }
        return plaintexts
    }

    private func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
    }

    @Test("room is made once for plaintext that comes in pieces", arguments: 100..<120 as Range<UInt64>)
    func room(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var pair = try NoisePair()
        // Just below 64 KiB with heads and tags, as HTTP/2 hands it on.
        let plaintext = pattern(15 * 4077)
        var writer = RecordWriter(sealer: pair.server.sealer, allocator: ByteBufferAllocator())
        writer.expect(plaintext.count)
        var rest = plaintext[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...8000, using: &random))
            try writer.append(ByteBuffer(bytes: piece))
            rest = rest.dropFirst(piece.count)
        }
        let records = try #require(try writer.take())
        #expect(records.capacity == 65_536)
        #expect(try open(Array(records.readableBytesView), with: &pair.client.opener).flatMap(\.self) == plaintext)
    }

    @Test(
        "plaintext fills records to the brim, and no further",
        arguments: [
            (0, []), (1, [1]), (4076, [4076]), (4077, [4077]), (4078, [4077, 1]), (8154, [4077, 4077]),
            (100_000, Array(repeating: 4077, count: 24) + [2152]),
        ] as [(Int, [Int])]
    )
    func recordSizes(count: Int, sizes: [Int]) throws {
        var pair = try NoisePair()
        var writer = RecordWriter(sealer: pair.server.sealer, allocator: ByteBufferAllocator())
        try writer.append(ByteBuffer(bytes: pattern(count)))
        let records = try writer.take().map { Array($0.readableBytesView) } ?? []
        let plaintexts = try open(records, with: &pair.client.opener)
        #expect(plaintexts.map(\.count) == sizes)
        #expect(Array(plaintexts.joined()) == pattern(count))
        #expect(try writer.take() == nil)
    }

    @Test("many small writes between two flushes become few records, and continue behind a flush", arguments: 1...8)
    func smallWrites(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var pair = try NoisePair()
        var writer = RecordWriter(sealer: pair.server.sealer, allocator: ByteBufferAllocator())
        for _ in 0..<10 {
            var written: [UInt8] = []
            for _ in 0..<Int.random(in: 1...30, using: &random) {
                let piece = pattern(Int.random(in: 0...900, using: &random))
                written += piece
                try writer.append(ByteBuffer(bytes: piece))
            }
            let records = try writer.take().map { Array($0.readableBytesView) } ?? []
            let plaintexts = try open(records, with: &pair.client.opener)
            #expect(Array(plaintexts.joined()) == written)
            #expect(plaintexts.count == (written.count + 4076) / 4077)
        }
    }

    @Test("room that was made beforehand changes nothing but where the records are")
    func expected() throws {
        var pair = try NoisePair()
        var writer = RecordWriter(sealer: pair.server.sealer, allocator: ByteBufferAllocator())
        writer.expect(20_000)
        for size in [9, 16_384, 9, 3598] { try writer.append(ByteBuffer(repeating: 1, count: size)) }
        let records = try #require(try writer.take())
        #expect(records.storageCapacity == 32_768)
        let plaintexts = try open(Array(records.readableBytesView), with: &pair.client.opener)
        #expect(plaintexts.map(\.count) == [4077, 4077, 4077, 4077, 3692])
    }

    @Test("records are opened however the bytes are cut, empty ones included", arguments: 1...20)
    func cuts(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var pair = try NoisePair()
        var reader = RecordReader(opener: pair.server.opener)
        var wire: [UInt8] = []
        var expected: [UInt8] = []
        for _ in 0..<20 {
            let size = Int.random(in: 0..<4, using: &random) == 0 ? 0 : Int.random(in: 1...4077, using: &random)
            let plaintext = pattern(size)
            expected += plaintext
            wire += try pair.client.sealer.seal(plaintext)
        }
        var opened: [UInt8] = []
        var rest = wire[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...9000, using: &random))
            rest = rest.dropFirst(piece.count)
            if let plaintext = try reader.receive(ByteBuffer(bytes: piece)) {
                #expect(plaintext.readableBytes > 0)
                opened += plaintext.readableBytesView
            }
        }
        #expect(opened == expected)
    }

    @Test("one changed bit anywhere in a record ends it", arguments: [0, 1, 2, 3, 10, 18, 21])
    func tampered(index: Int) throws {
        var pair = try NoisePair()
        var reader = RecordReader(opener: pair.server.opener)
        var record = try pair.client.sealer.seal([1, 2, 3])
        record[index] ^= 0x40
        // A length that has grown waits for more, which then does not fit.
        record += [UInt8](repeating: 0, count: 70_000)
        #expect(throws: NoiseError.self) { try reader.receive(ByteBuffer(bytes: record)) }
        #expect(throws: NoiseError.self) { try reader.receive(ByteBuffer(bytes: record)) }
    }

    @Test(
        "a header that cannot be is refused before its record has come",
        arguments: [[4, 0x0f, 0xfe], [4, 0xff, 0xff], [4, 0, 15], [1, 0, 96], [2, 0, 48], [3, 0, 1], [9, 0, 20]]
            as [[UInt8]]
    )
    func badHeader(header: [UInt8]) throws {
        var reader = RecordReader(opener: try NoisePair().server.opener)
        #expect(throws: NoiseError.self) { try reader.receive(ByteBuffer(bytes: header)) }
    }

    @Test("a record that is replayed is refused")
    func replayed() throws {
        var pair = try NoisePair()
        var reader = RecordReader(opener: pair.server.opener)
        let record = try pair.client.sealer.seal([1])
        #expect(try reader.receive(ByteBuffer(bytes: record)) != nil)
        #expect(throws: NoiseError.self) { try reader.receive(ByteBuffer(bytes: record)) }
    }
}
