// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

@Suite struct JSONMutationTests {
    /// Every type that a peer can send.
    private static let readers: [(String, @Sendable ([UInt8]) throws -> [UInt8])] = [
        (
            full("MapRequest").replacing(#"{"OS":"linux"}"#, with: WireSample.hostinfo),
            { try MapRequest.decode($0).json }
        ),
        (full("RegisterRequest"), { try RegisterRequest.decode($0).json }),
        (full("SetDeviceAttributesRequest"), { try SetDeviceAttributesRequest.decode($0).json }),
        (full("SSHEventNotifyRequest"), { try SSHEventNotifyRequest.decode($0).json }),
        (full("MapResponse"), { try MapResponse.decode($0).json }),
        (full("Node"), { try Node.decode($0).json }),
    ]

    private static func full(_ name: String) -> String {
        GoldenCase.all.first { $0.name == name }?.full ?? "{}"
    }

    @Test("a damaged message is read or refused, and never traps", arguments: UInt64(1)...8)
    func mutations(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var refused = 0
        for round in 0..<1200 {
            let (text, rewrite) = Self.readers[round % Self.readers.count]
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.damage(&bytes, using: &random) }
            do throws(any Error) {
                // What was understood must be understood again, and mean the same.
                let once = try rewrite(bytes)
                #expect(try rewrite(once) == once)
            } catch let error as WireError {
                refused += 1
                #expect(!error.message.isEmpty)
            }
        }
        #expect(refused > 300)
    }

    @Test("a message that is cut off anywhere is refused")
    func truncation() {
        for (text, rewrite) in Self.readers {
            for count in 0..<text.utf8.count {
                #expect(throws: WireError.self) { try rewrite(Array(text.utf8.prefix(count))) }
            }
        }
    }

    private static let tokens = [
        "{", "}", "[", "]", "\"", ":", ",", "null", "\\u", "\\ud800", "-", "1e9", "9999999999999999999", "\u{0}",
    ]

    private static func damage(_ bytes: inout [UInt8], using random: inout SeededRandom) {
        guard !bytes.isEmpty else { return }
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(place..<min(place + Int.random(in: 1...20, using: &random), bytes.count))
        case 2: bytes.insert(contentsOf: (tokens.randomElement(using: &random) ?? "").utf8, at: place)
        case 3:
            let other = Int.random(in: 0..<bytes.count, using: &random)
            bytes.insert(contentsOf: Array(bytes[min(place, other)..<max(place, other)].prefix(200)), at: place)
        default: bytes[place] ^= 0x20
        }
    }
}
