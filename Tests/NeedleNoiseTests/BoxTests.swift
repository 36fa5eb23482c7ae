// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleNoise
import NeedleTesting
import NeedleTypes
import Testing

@Suite struct BoxTests {
    /// - Source: "Cryptography in NaCl", sections 2 to 10: Alice's and Bob's keys, the nonce, the box.
    static let aliceSecret = hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
    static let bobSecret = hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
    static let nonce = hex("69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37")
    static let message = hex(
        "be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffc"
            + "e5ecbaaf33bd751a1ac728d45e6c61296cdc3c01233561f41db66cce314adb31"
            + "0e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde"
            + "048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f93776384864"
            + "5e0705"
    )
    static let sealed = hex(
        "f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce"
            + "48332ea7164d96a4476fb8c531a1186ac0dfc17c98dce87b4da7f011ec48c972"
            + "71d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae"
            + "90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b3"
            + "7973f622a43d14a6599b1f654cb45a74e355a5"
    )

    let alice: NodePrivateKey
    let bob: NodePrivateKey

    init() throws {
        alice = try #require(NodePrivateKey(bytes: Self.aliceSecret))
        bob = try #require(NodePrivateKey(bytes: Self.bobSecret))
    }

    @Test("is the box of the NaCl paper")
    func published() throws {
        #expect(Self.message.count == 131)
        #expect(try Box.seal(Self.message, nonce: Self.nonce, to: bob.publicKey, from: alice) == Self.sealed)
        #expect(try Box.open(Self.sealed, nonce: Self.nonce, from: alice.publicKey, to: bob) == Self.message)
    }

    @Test("carries messages of any size", arguments: [0, 1, 31, 32, 33, 100, 5000])
    func sizes(size: Int) throws {
        var random = SeededRandom(seed: UInt64(size))
        let message = random.bytes(size)
        let nonce = random.bytes(24)
        let sealed = try Box.seal(message, nonce: nonce, to: bob.publicKey, from: alice)
        #expect(sealed.count == size + Box.overhead)
        #expect(try Box.open(sealed, nonce: nonce, from: alice.publicKey, to: bob) == message)
    }

    @Test("is refused with any one bit changed", arguments: 0..<147)
    func tampered(place: Int) throws {
        var sealed = Self.sealed
        sealed[place] ^= 1 << UInt8(place % 8)
        let sender = try alice.publicKey
        #expect(throws: NoiseError.forged(.box)) {
            try Box.open(sealed, nonce: Self.nonce, from: sender, to: bob)
        }
    }

    @Test("is refused under another nonce, from another sender, to another receiver")
    func wrongKeys() throws {
        var nonce = Self.nonce
        nonce[23] ^= 1
        let (alicePublic, bobPublic) = (try alice.publicKey, try bob.publicKey)
        #expect(throws: NoiseError.forged(.box)) {
            try Box.open(Self.sealed, nonce: nonce, from: alicePublic, to: bob)
        }
        #expect(throws: NoiseError.forged(.box)) {
            try Box.open(Self.sealed, nonce: Self.nonce, from: bobPublic, to: bob)
        }
        #expect(throws: NoiseError.forged(.box)) {
            try Box.open(Self.sealed, nonce: Self.nonce, from: alicePublic, to: alice)
        }
    }

    @Test("needs a nonce of 24 bytes and a tag", arguments: [0, 23, 25])
    func nonceSize(size: Int) throws {
        let nonce = [UInt8](repeating: 0, count: size)
        let (alicePublic, bobPublic) = (try alice.publicKey, try bob.publicKey)
        #expect(throws: NoiseError.wrongSize(.nonce, bytes: size)) {
            try Box.seal([], nonce: nonce, to: bobPublic, from: alice)
        }
        #expect(throws: NoiseError.wrongSize(.nonce, bytes: size)) {
            try Box.open(Self.sealed, nonce: nonce, from: alicePublic, to: bob)
        }
    }

    @Test("is never shorter than its tag", arguments: [0, 1, 15])
    func tooShort(size: Int) throws {
        let sender = try alice.publicKey
        #expect(throws: NoiseError.wrongSize(.box, bytes: size)) {
            try Box.open([UInt8](repeating: 0, count: size), nonce: Self.nonce, from: sender, to: bob)
        }
    }

    @Test("is refused with a key of low order", arguments: HandshakeTests.lowOrder)
    func lowOrder(text: String) throws {
        let key = try #require(NodeKey(bytes: hex(text)))
        #expect(throws: NoiseError.unusableKey) {
            try Box.seal([1], nonce: Self.nonce, to: key, from: alice)
        }
        #expect(throws: NoiseError.forged(.box)) {
            try Box.open(Self.sealed, nonce: Self.nonce, from: key, to: bob)
        }
    }

    @Test("is never opened with something wrong with it")
    func mutated() throws {
        var random = SeededRandom(seed: 40)
        let sender = try alice.publicKey
        for _ in 0..<300 {
            let sealed = random.mutated(Self.sealed)
            guard sealed != Self.sealed else { continue }
            #expect(throws: NoiseError.self) {
                try Box.open(sealed, nonce: Self.nonce, from: sender, to: bob)
            }
        }
    }
}
