// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import Testing

@testable import NeedleNoise

/// The only published example of this protocol with payloads in the handshake.
///
/// - Source: the vectors of cacophony (haskell-cryptography/cacophony, vectors/cacophony.txt),
///   Noise_IK_25519_ChaChaPoly_BLAKE2s.
@Suite struct NoiseVectorTests {
    static let prologue = hex("4a6f686e2047616c74")
    static let initiatorStatic = hex("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1")
    static let initiatorEphemeral = hex("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a")
    static let responderPublic = hex("31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62")
    static let responderStatic = hex("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893")
    static let responderEphemeral = hex("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b")
    static let handshakeHash = hex("48f3cb8bc9319da4ba1e9933991b1c4ed4034f1f126a76d3a1fbcfd7f94248d4")
    static let first = (
        payload: hex("4c756477696720766f6e204d69736573"),
        message: hex(
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
                + "0b03ddc7aac5123d06a1b23b71670e32e76c28239a7ca4ac8f784de7e44c1adb"
                + "fc6e83fef7352a58d9d56157400c0a737b1d171ce368229c7b752ac25b8faf4e"
                + "ca690f6d896f543be02c996ab2b86b76"
        )
    )
    static let second = (
        payload: hex("4d757272617920526f746862617264"),
        message: hex(
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
                + "d9b5a8927f0ac9655ef76833bc7e5561f42e691ac8404efd6fbd6308b6a27c"
        )
    )
    /// The first records of both directions; later ones differ, because the control protocol's counter is big-endian.
    static let toResponder = (
        payload: hex("462e20412e20486179656b"),
        ciphertext: hex("2c256ed08fcd08c2980f954ee4beaccb61c9581340f5dd2fd1cf3b")
    )
    static let toInitiator = (
        payload: hex("4361726c204d656e676572"),
        ciphertext: hex("d6033f70eee20945c7c9dba304e397ee3b284ff5e00fd9efb095d3")
    )

    private func initiator() throws -> (message: [UInt8], initiator: HandshakePattern.Initiator) {
        try HandshakePattern.Initiator.start(
            prologue: Self.prologue,
            machine: try MachineKeyPair(try #require(MachinePrivateKey(bytes: Self.initiatorStatic))),
            ephemeral: try KeyAgreement(Self.initiatorEphemeral, .ephemeralKey),
            responderKey: Self.responderPublic,
            payload: Self.first.payload
        )
    }

    private func responder() throws -> HandshakePattern.Responder {
        try HandshakePattern.Responder(
            prologue: Self.prologue,
            machine: try MachineKeyPair(try #require(MachinePrivateKey(bytes: Self.responderStatic))),
            message: Self.first.message
        )
    }

    @Test("the initiator makes the vector's first message and understands its second")
    func initiatorSide() throws {
        let (message, handshake) = try initiator()
        #expect(message == Self.first.message)
        var (payload, transport) = try handshake.finish(Self.second.message)
        #expect(payload == Self.second.payload)
        #expect(transport.handshakeHash == Self.handshakeHash)
        #expect(try transport.sealer.seal(Self.toResponder.payload).dropFirst(3) == Self.toResponder.ciphertext[...])
        #expect(try transport.opener.open(Self.toInitiator.ciphertext) == Self.toInitiator.payload)
    }

    @Test("the responder understands the vector's first message and makes its second")
    func responderSide() throws {
        let handshake = try responder()
        #expect(handshake.payload == Self.first.payload)
        var (message, transport) = try handshake.finish(
            ephemeral: try KeyAgreement(Self.responderEphemeral, .ephemeralKey),
            payload: Self.second.payload
        )
        #expect(message == Self.second.message)
        #expect(transport.handshakeHash == Self.handshakeHash)
        #expect(try transport.opener.open(Self.toResponder.ciphertext) == Self.toResponder.payload)
        #expect(try transport.sealer.seal(Self.toInitiator.payload).dropFirst(3) == Self.toInitiator.ciphertext[...])
    }
}
