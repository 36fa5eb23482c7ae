// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleNoise
import Testing

@Suite struct HandshakeRefusalTests {
    @Test("is a type, a length and text")
    func shape() {
        #expect(HandshakeRefusal.encode("no") == [3, 0, 2, 0x6e, 0x6f])
        #expect(HandshakeRefusal.encode("") == [3, 0, 0])
    }

    @Test("survives a round trip", arguments: ["", "no", "zu alt – bitte erneuern", "\u{1f426}"])
    func roundTrip(text: String) {
        #expect(HandshakeRefusal.decode(HandshakeRefusal.encode(text)) == text)
    }

    @Test("is cut at a character's edge")
    func cut() throws {
        let message = HandshakeRefusal.encode("x" + String(repeating: "é", count: 2000))
        let text = try #require(HandshakeRefusal.decode(message))
        #expect(text == "x" + String(repeating: "é", count: 511))
        #expect(message.count == 3 + 1023)
    }

    @Test(
        "is not made of something else",
        arguments: [[], [3], [3, 0], [3, 0, 1], [3, 0, 0, 1], [2, 0, 0], [4, 0, 1, 65], [3, 1, 0, 65]] as [[UInt8]]
    )
    func notRefusals(message: [UInt8]) {
        #expect(HandshakeRefusal.decode(message) == nil)
    }

    @Test("tolerates text that is not UTF-8")
    func notUnicode() {
        #expect(HandshakeRefusal.decode([3, 0, 2, 65, 0xff]) == "A\u{fffd}")
    }
}
