// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Crypto
import Foundation
import NeedleTesting
import Testing

@testable import NeedleNoise

@Suite struct RecordTests {
    let fixture: HandshakeFixture

    init() throws {
        fixture = try HandshakeFixture()
    }

    private func sealer(counter: UInt64 = 0) throws -> RecordSealer {
        RecordSealer(key: try CipherKey(HandshakeFixture.clientToServer), counter: counter)
    }

    private func opener(counter: UInt64 = 0) throws -> RecordOpener {
        RecordOpener(key: try CipherKey(HandshakeFixture.clientToServer), counter: counter)
    }

    @Test("seals from the client as a second implementation does")
    func goldenFromClient() throws {
        var (client, server) = try fixture.connect()
        let records = [
            ("first", "040015092825f8839f92394204e04184e0a5ba6305dac249"),
            ("second", "0400162b3e5ed00c77449efee0b8ed949e52999ef258313c38"),
            ("", "040010ac83d1d5c6025eaa3b9d9d5ed6427912"),
        ]
        for (text, record) in records {
            #expect(try client.sealer.seal(Array(text.utf8)) == hex(record))
            #expect(try server.opener.open(Array(hex(record).dropFirst(3))) == Array(text.utf8))
        }
    }

    @Test("seals from the server as a second implementation does")
    func goldenFromServer() throws {
        var (client, server) = try fixture.connect()
        let records = [
            ("first", "040015ff5dfdcd418240bb48d349724c06952be4032692e4"),
            ("second", "040016c635a173d0fa971a8e5d4721781820a374ce8f14bced"),
            ("", "040010043b7ba5f8f9cf620e1d13f84d8b3708"),
        ]
        for (text, record) in records {
            #expect(try server.sealer.seal(Array(text.utf8)) == hex(record))
            #expect(try client.opener.open(Array(hex(record).dropFirst(3))) == Array(text.utf8))
        }
    }

    /// The answers are a second implementation's; each byte of the counter has its place in one of them.
    @Test(
        "counts big-endian",
        arguments: [
            (UInt64(258), "258", "0400130cca5c2335425d6e77f217966ee351f22ed677"),
            (0x0102_0304_0506_0708, "far", "040013878e8319f43bc704363da9f59ceb0fbc31ad5b"),
        ]
    )
    func counter(counter: UInt64, text: String, record: String) throws {
        var sealer = try sealer(counter: counter)
        var opener = try opener(counter: counter)
        #expect(try sealer.seal(Array(text.utf8)) == hex(record))
        #expect(try opener.open(Array(hex(record).dropFirst(3))) == Array(text.utf8))
    }

    @Test("carries every size up to the limit", arguments: [0, 1, 15, 16, 17, 63, 64, 65, 255, 256, 4076, 4077])
    func sizes(size: Int) throws {
        var random = SeededRandom(seed: UInt64(size))
        let plaintext = random.bytes(size)
        var (sealer, opener) = (try sealer(), try opener())
        let record = try sealer.seal(plaintext)
        #expect(record.count == size + 19)
        let header = try #require(RecordHeader(bytes: record.prefix(3)))
        #expect(header.type == .record)
        #expect(Int(header.length) == size + 16)
        #expect(try opener.open(Array(record.dropFirst(3))) == plaintext)
    }

    /// Long records are another library's affair than short ones.
    @Test("is RFC 8439 at every size", arguments: [0, 1, 512, 1023, 1024, 1025, 1500, 4077])
    func standard(size: Int) throws {
        var random = SeededRandom(seed: UInt64(size))
        let plaintext = random.bytes(size)
        let counter = UInt64(size) << 20 + 3
        var (sealer, opener) = (try sealer(counter: counter), try opener(counter: counter))
        let record = try sealer.seal(plaintext)
        let nonce = [0, 0, 0, 0] + withUnsafeBytes(of: counter.bigEndian) { Array($0) }
        let box = try ChaChaPoly.seal(
            plaintext,
            using: SymmetricKey(data: HandshakeFixture.clientToServer),
            nonce: ChaChaPoly.Nonce(data: nonce)
        )
        #expect(Array(record.dropFirst(3)) == Array(box.ciphertext + box.tag))
        #expect(try opener.open(Array(record.dropFirst(3))) == plaintext)
    }

    @Test("refuses a bit that was turned, in long records as in short ones", arguments: [100, 1024, 4077])
    func turnedBits(size: Int) throws {
        var sealer = try sealer()
        let record = try sealer.seal([UInt8](repeating: 7, count: size))
        for place in [3, size / 2, size + 2, size + 3, size + 18] {
            var forged = Array(record.dropFirst(3))
            forged[place - 3] ^= 0x10
            var opener = try opener()
            #expect(throws: NoiseError.forged(.record)) { try opener.open(forged) }
            #expect(throws: NoiseError.broken) { try opener.open(forged) }
        }
    }

    @Test("many connections at once, on many threads")
    func threads() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<16 {
                group.addTask {
                    let key = try CipherKey([UInt8](repeating: UInt8(number), count: 32))
                    var (sealer, opener) = (RecordSealer(key: key), RecordOpener(key: key))
                    for size in stride(from: 900, to: 4000, by: 100) {
                        let plaintext = [UInt8](repeating: UInt8(truncatingIfNeeded: size / 100), count: size)
                        let record = try sealer.seal(plaintext)
                        if try opener.open(Array(record.dropFirst(3))) != plaintext { return false }
                        await Task.yield()
                    }
                    return true
                }
            }
            for try await isSame in group { #expect(isSame) }
        }
    }

    @Test("refuses a plaintext beyond the limit, and counts nothing for it")
    func tooLarge() throws {
        var (sealer, opener) = (try sealer(), try opener())
        #expect(throws: NoiseError.wrongSize(.record, bytes: 4078)) {
            try sealer.seal([UInt8](repeating: 0, count: 4078))
        }
        let record = try sealer.seal([7])
        #expect(try opener.open(Array(record.dropFirst(3))) == [7])
    }

    @Test("refuses a ciphertext that no record has", arguments: [0, 1, 15, 4094, 65_535])
    func ciphertextSize(size: Int) throws {
        var opener = try opener()
        #expect(throws: NoiseError.wrongSize(.record, bytes: size)) {
            try opener.open([UInt8](repeating: 0, count: size))
        }
    }

    @Test("seals in place and leaves what follows alone")
    func inPlace() throws {
        var (sealer, opener) = (try sealer(), try opener())
        var memory: [UInt8] = [0xaa, 0xaa, 0xaa] + Array("first".utf8) + [UInt8](repeating: 0xbb, count: 20)
        try memory.withUnsafeMutableBytes { try sealer.seal(inPlace: $0, plaintextCount: 5) }
        #expect(memory.prefix(24) == hex("040015092825f8839f92394204e04184e0a5ba6305dac249")[...])
        #expect(memory.suffix(4) == [0xbb, 0xbb, 0xbb, 0xbb])
        let count = try memory.withUnsafeMutableBytes { bytes in
            try opener.open(inPlace: UnsafeMutableRawBufferPointer(rebasing: bytes[3..<24]))
        }
        #expect(count == 5)
        #expect(memory[3..<8] == Array("first".utf8)[...])
    }

    @Test("refuses memory without room for header and tag", arguments: [(0, 0), (18, 0), (23, 5), (100, -1)])
    func room(size: Int, plaintextCount: Int) throws {
        var sealer = try sealer()
        var memory = [UInt8](repeating: 0xaa, count: size)
        #expect(throws: NoiseError.self) {
            try memory.withUnsafeMutableBytes { try sealer.seal(inPlace: $0, plaintextCount: plaintextCount) }
        }
        #expect(memory == [UInt8](repeating: 0xaa, count: size))
    }

    @Test("refuses a record with any one bit changed, and wipes it", arguments: 0..<21)
    func tampered(place: Int) throws {
        var (sealer, opener) = (try sealer(), try opener())
        var ciphertext = Array(try sealer.seal(Array("first".utf8)).dropFirst(3))
        ciphertext[place] ^= 1 << UInt8(place % 8)
        #expect(throws: NoiseError.forged(.record)) {
            try ciphertext.withUnsafeMutableBytes { _ = try opener.open(inPlace: $0) }
        }
        #expect(ciphertext.prefix(5) == [0, 0, 0, 0, 0])
    }

    @Test("opens nothing after a refusal, not even the right record")
    func broken() throws {
        var (sealer, opener) = (try sealer(), try opener())
        let ciphertext = Array(try sealer.seal([1]).dropFirst(3))
        #expect(throws: NoiseError.forged(.record)) { try opener.open([UInt8](repeating: 0, count: 17)) }
        #expect(throws: NoiseError.broken) { try opener.open(ciphertext) }
    }

    @Test("refuses a record that comes twice, too early, or back to its sender")
    func order() throws {
        var sealer = try sealer()
        let first = Array(try sealer.seal([1]).dropFirst(3))
        let second = Array(try sealer.seal([2]).dropFirst(3))
        var replayed = try opener()
        #expect(try replayed.open(first) == [1])
        #expect(throws: NoiseError.forged(.record)) { try replayed.open(first) }
        var reordered = try opener()
        #expect(throws: NoiseError.forged(.record)) { try reordered.open(second) }
        var (client, _) = try fixture.connect()
        #expect(throws: NoiseError.forged(.record)) { try client.opener.open(first) }
    }

    @Test("uses the nonce before the last, and never the last")
    func exhaustion() throws {
        var (sealer, opener) = (try sealer(counter: .max - 1), try opener(counter: .max - 1))
        let record = try sealer.seal([9])
        #expect(try opener.open(Array(record.dropFirst(3))) == [9])
        #expect(throws: NoiseError.exhausted) { try sealer.seal([9]) }
        #expect(throws: NoiseError.exhausted) { try sealer.seal([9]) }
        #expect(throws: NoiseError.exhausted) { try opener.open(Array(record.dropFirst(3))) }
    }

    @Test("gives the same plaintext in whatever pieces the records arrive", arguments: 0..<8)
    func chunks(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var (client, server) = try fixture.connect()
        var said: [UInt8] = []
        var sent: [UInt8] = []
        for _ in 0..<20 {
            let plaintext = random.bytes([0, 1, 40, 300, 4077].randomElement(using: &random) ?? 0)
            said += plaintext
            sent += try client.sealer.seal(plaintext)
        }
        var pending: [UInt8] = []
        var heard: [UInt8] = []
        while !sent.isEmpty {
            let count = min(sent.count, Int.random(in: 1...6000, using: &random))
            pending += sent.prefix(count)
            sent.removeFirst(count)
            while let header = RecordHeader(bytes: pending.prefix(3)), pending.count >= 3 + Int(header.length) {
                heard += try server.opener.open(Array(pending[3..<(3 + Int(header.length))]))
                pending.removeFirst(3 + Int(header.length))
            }
        }
        #expect(pending.isEmpty)
        #expect(heard == said)
    }

    @Test("never opens a record with something wrong with it")
    func mutated() throws {
        var random = SeededRandom(seed: 30)
        for _ in 0..<1000 {
            var (sealer, opener) = (try sealer(), try opener())
            let ciphertext = Array(try sealer.seal(random.bytes(Int.random(in: 0...80, using: &random))).dropFirst(3))
            let changed = random.mutated(ciphertext)
            guard changed != ciphertext else { continue }
            #expect(throws: NoiseError.self) { try opener.open(changed) }
        }
    }
}
