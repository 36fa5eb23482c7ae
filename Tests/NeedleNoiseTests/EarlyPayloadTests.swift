// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import Testing

@testable import NeedleNoise

@Suite struct EarlyPayloadTests {
    static let json = #"{"nodeKeyChallenge":"chalpub:"# + String(repeating: "ab", count: 32) + #""}"#
    /// An HTTP/2 SETTINGS frame without settings.
    static let settings: [UInt8] = [0, 0, 0, 4, 0, 0, 0, 0, 0]

    let payload: EarlyPayload

    init() throws {
        payload = EarlyPayload(challenge: try #require(ChallengeKey(bytes: [UInt8](repeating: 0xab, count: 32))))
    }

    @Test("is the magic, a length and JSON, and small enough for every client")
    func shape() {
        let bytes = payload.encode()
        #expect(bytes.prefix(9) == [0xff, 0xff, 0xff, 0x54, 0x53, 0, 0, 0, UInt8(Self.json.utf8.count)])
        #expect(bytes.dropFirst(9) == Array(Self.json.utf8)[...])
        #expect(bytes.count < 1024)
    }

    @Test("is read back from its JSON, unknown keys and all")
    func readsJSON() throws {
        #expect(try EarlyPayload(json: Array(Self.json.utf8)) == payload)
        #expect(try EarlyPayload(json: Array((Self.json.dropLast() + #","more":[1]}"#).utf8)) == payload)
    }

    @Test(
        "is not read from anything else",
        arguments: ["", "{", "{}", "[]", "null", #"{"nodeKeyChallenge":""}"#, #"{"nodeKeyChallenge":"nodekey:00"}"#]
    )
    func refusesJSON(text: String) {
        #expect(throws: NoiseError.malformedChallenge) { try EarlyPayload(json: Array(text.utf8)) }
    }

    @Test("is taken off the front of HTTP/2 at every cut", arguments: [1, 2, 3, 5, 8, 9, 10, 50, 1000])
    func cuts(size: Int) throws {
        var reader = EarlyPayloadReader()
        var rest = payload.encode() + Self.settings + [1, 2, 3]
        var found: [[UInt8]] = []
        var http2: [UInt8] = []
        while !rest.isEmpty {
            let progress = try reader.receive(Array(rest.prefix(size)))
            rest = Array(rest.dropFirst(size))
            if let json = progress.json { found.append(json) }
            http2 += progress.http2
        }
        #expect(found == [Array(Self.json.utf8)])
        #expect(http2 == Self.settings + [1, 2, 3])
        #expect(reader.isSettled)
    }

    @Test("is not seen where HTTP/2 begins at once")
    func absent() throws {
        var reader = EarlyPayloadReader()
        #expect(!reader.isSettled)
        #expect(try reader.receive([]) == .init(json: nil, http2: []))
        #expect(!reader.isSettled)
        #expect(try reader.receive([0]) == .init(json: nil, http2: [0]))
        #expect(reader.isSettled)
        #expect(try reader.receive([0xff, 0xff]) == .init(json: nil, http2: [0xff, 0xff]))
    }

    @Test("gives back what looked like magic and was not", arguments: 1...4)
    func almostMagic(count: Int) throws {
        var reader = EarlyPayloadReader()
        let begin = Array(payload.encode().prefix(count))
        #expect(try reader.receive(begin) == .init(json: nil, http2: []))
        #expect(try reader.receive([0]) == .init(json: nil, http2: begin + [0]))
        #expect(reader.isSettled)
    }

    @Test("may be empty as far as its length goes")
    func empty() throws {
        var reader = EarlyPayloadReader()
        let progress = try reader.receive([0xff, 0xff, 0xff, 0x54, 0x53, 0, 0, 0, 0, 7])
        #expect(progress == .init(json: [], http2: [7]))
    }

    @Test("is refused beyond the limit, for good")
    func limit() throws {
        var reader = EarlyPayloadReader()
        _ = try reader.receive([0xff, 0xff, 0xff, 0x54, 0x53, 0, 0xa0, 0, 0])
        var refused = EarlyPayloadReader()
        for _ in 0..<2 {
            #expect(throws: NoiseError.wrongLength(.earlyPayload, found: (10 << 20) + 1)) {
                try refused.receive([0xff, 0xff, 0xff, 0x54, 0x53, 0, 0xa0, 0, 1])
            }
        }
        #expect(!refused.isSettled)
        var largest = EarlyPayloadReader()
        #expect(throws: NoiseError.wrongLength(.earlyPayload, found: 0xffff_ffff)) {
            try largest.receive([0xff, 0xff, 0xff, 0x54, 0x53, 0xff, 0xff, 0xff, 0xff])
        }
    }

    @Test("loses and invents nothing, whatever comes in whatever pieces", arguments: 0..<50)
    func random(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let magic: [UInt8] = [0xff, 0xff, 0xff, 0x54, 0x53]
        let length = random.bytes(1)
        let input = magic.prefix(Int.random(in: 0...5, using: &random)) + random.bytes(3) + length + random.bytes(300)
        func run(_ sizes: [Int]) -> ([[UInt8]], [UInt8], NoiseError?) {
            var reader = EarlyPayloadReader()
            var rest = Array(input)[...]
            var result: ([[UInt8]], [UInt8], NoiseError?) = ([], [], nil)
            for size in sizes {
                do throws(NoiseError) {
                    let progress = try reader.receive(Array(rest.prefix(size)))
                    rest = rest.dropFirst(size)
                    if let json = progress.json { result.0.append(json) }
                    result.1 += progress.http2
                } catch {
                    result.2 = error
                }
            }
            return result
        }
        let whole = run([input.count])
        let pieces = run((0..<400).map { _ in Int.random(in: 1...20, using: &random) })
        #expect(whole == pieces)
    }
}
