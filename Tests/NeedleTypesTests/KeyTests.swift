// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import Testing

@Suite struct KeyTests {
    @Test("text gives back the same key")
    func roundTrip() throws {
        let key = try #require(NodeKey(bytes: Array(UInt8(0)..<32)))
        #expect(key.text == "nodekey:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
        #expect(NodeKey(text: key.text) == key)
        #expect(key.bytes == Array(UInt8(0)..<32))
        #expect(!key.isZero)
        #expect(NodeKey.zero.isZero)
    }

    @Test("refuses another role's prefix, short and malformed text")
    func refuses() {
        let hex = String(repeating: "ab", count: 32)
        #expect(MachineKey(text: "nodekey:" + hex) == nil)
        #expect(NodeKey(text: "nodekey:" + hex.dropLast(2)) == nil)
        #expect(NodeKey(text: "nodekey:" + hex.dropLast() + "g") == nil)
        #expect(NodeKey(text: hex) == nil)
        #expect(NodeKey(text: "") == nil)
    }

    @Test("a private key's description hides it, its file text gives it back")
    func privateKeys() throws {
        var random = SeededRandom(seed: 1)
        let key = MachinePrivateKey.generate(using: &random)
        #expect("\(key)" == "mkey-private:[redacted]")
        #expect(MachinePrivateKey(text: "\n " + key.secretText + "\n")?.bytes == key.bytes)
        #expect(MachinePrivateKey(text: "privkey:" + String(repeating: "0", count: 64)) == nil)
        #expect(MachinePrivateKey(text: "") == nil)
    }
}
