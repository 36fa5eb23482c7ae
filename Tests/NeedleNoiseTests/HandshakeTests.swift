// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import Testing

@testable import NeedleNoise

@Suite struct HandshakeTests {
    /// Points of which every multiple by a clamped scalar is zero.
    ///
    /// - Source: cr.yp.to/ecdh.html, "How do I validate Curve25519 public keys?".
    static let lowOrder = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ]

    let fixture: HandshakeFixture

    init() throws {
        fixture = try HandshakeFixture()
    }

    @Test("says what a second implementation says, byte for byte")
    func golden() throws {
        let initiator = try fixture.initiator()
        let initiation = initiator.initiation
        #expect(initiation == HandshakeFixture.initiation)
        let responder = try NoiseResponder(initiation: initiation, serverKey: fixture.serverKey)
        let (version, clientKey) = (responder.version, responder.clientKey)
        #expect(version == HandshakeFixture.version)
        #expect(clientKey == fixture.machine.publicKey)
        let (response, server) = try responder.respond(ephemeral: HandshakeFixture.serverEphemeral)
        #expect(response == HandshakeFixture.response)
        let client = try initiator.receive(response: response)
        #expect(client.handshakeHash == HandshakeFixture.hash)
        #expect(server.handshakeHash == HandshakeFixture.hash)
    }

    @Test("works with fresh keys and every kind of version", arguments: [0, 1, 9, 10, 113, 138, 999, 65_535])
    func roundTrip(version: Int) throws {
        var random = SeededRandom(seed: UInt64(version))
        let machineKey = MachinePrivateKey.generate(using: &random)
        let serverKey = MachinePrivateKey.generate(using: &random)
        let initiator = try NoiseInitiator(
            version: CapabilityVersion(version),
            machineKey: machineKey,
            serverKey: try serverKey.publicKey,
            ephemeral: random.bytes(32)
        )
        let responder = try NoiseResponder(initiation: initiator.initiation, serverKey: serverKey)
        let (found, clientKey) = (responder.version, responder.clientKey)
        #expect(found == CapabilityVersion(version))
        #expect(try clientKey == machineKey.publicKey)
        var (response, server) = try responder.respond(ephemeral: random.bytes(32))
        var client = try initiator.receive(response: response)
        #expect(client.handshakeHash == server.handshakeHash)
        #expect(try server.opener.open(Array(client.sealer.seal([1, 2, 3]).dropFirst(3))) == [1, 2, 3])
        #expect(try client.opener.open(Array(server.sealer.seal([4, 5]).dropFirst(3))) == [4, 5])
    }

    @Test("refuses a version that the header cannot hold", arguments: [-1, 65_536, Int.max, Int.min])
    func unsendableVersion(version: Int) {
        #expect(throws: NoiseError.unsendableVersion(version)) {
            _ = try fixture.initiator(version: CapabilityVersion(version))
        }
    }

    @Test("refuses an initiation with any one bit changed", arguments: 0..<101)
    func tamperedInitiation(place: Int) {
        var initiation = HandshakeFixture.initiation
        initiation[place] ^= 1 << UInt8(place % 8)
        let expected: NoiseError =
            switch place {
            case 2: .wrongType(.initiation, found: initiation[2])
            case 3, 4: .wrongLength(.initiation, found: Int(initiation[3]) << 8 | Int(initiation[4]))
            default: .forged(.initiation)
            }
        #expect(throws: expected) { _ = try NoiseResponder(initiation: initiation, server: fixture.server) }
    }

    @Test("refuses a response with any one bit changed", arguments: 0..<51)
    func tamperedResponse(place: Int) throws {
        var response = HandshakeFixture.response
        response[place] ^= 1 << UInt8((place + 1) % 8)
        let expected: NoiseError =
            switch place {
            case 0: .wrongType(.response, found: response[0])
            case 1, 2: .wrongLength(.response, found: Int(response[1]) << 8 | Int(response[2]))
            default: .forged(.response)
            }
        #expect(throws: expected) { _ = try fixture.initiator().receive(response: response) }
    }

    @Test("refuses an ephemeral key whose ignored top bit was set")
    func ignoredBit() {
        // X25519 masks this bit, so the secrets are the same; only the hash of the conversation tells.
        var initiation = HandshakeFixture.initiation
        initiation[5 + 31] ^= 0x80
        #expect(throws: NoiseError.forged(.initiation)) {
            _ = try NoiseResponder(initiation: initiation, server: fixture.server)
        }
        var response = HandshakeFixture.response
        response[3 + 31] ^= 0x80
        #expect(throws: NoiseError.forged(.response)) { _ = try fixture.initiator().receive(response: response) }
    }

    @Test("refuses an initiation of another size", arguments: [0, 1, 2, 4, 5, 100, 102, 4096])
    func initiationSize(size: Int) {
        let padded = HandshakeFixture.initiation + [UInt8](repeating: 0, count: 4096)
        #expect(throws: NoiseError.wrongSize(.initiation, bytes: size)) {
            _ = try NoiseResponder(initiation: Array(padded.prefix(size)), server: fixture.server)
        }
    }

    @Test("refuses a response of another size", arguments: [0, 1, 3, 50, 52, 4096])
    func responseSize(size: Int) {
        let padded = HandshakeFixture.response + [UInt8](repeating: 0, count: 4096)
        #expect(throws: NoiseError.wrongSize(.response, bytes: size)) {
            _ = try fixture.initiator().receive(response: Array(padded.prefix(size)))
        }
    }

    @Test("refuses an initiation that was meant for another server")
    func wrongServer() throws {
        let other = try #require(MachinePrivateKey(bytes: Array(66..<98)))
        #expect(throws: NoiseError.forged(.initiation)) {
            _ = try NoiseResponder(initiation: HandshakeFixture.initiation, serverKey: other)
        }
    }

    @Test("refuses the response to another initiation")
    func otherResponse() throws {
        #expect(throws: NoiseError.forged(.response)) {
            let other = try NoiseInitiator(
                version: HandshakeFixture.version,
                machine: fixture.machine,
                serverKey: fixture.server.publicKey,
                ephemeral: Array(34..<66)
            )
            _ = try other.receive(response: HandshakeFixture.response)
        }
    }

    @Test("refuses a header that names another version than the prologue")
    func versionMismatch() throws {
        for version in [137, 139, 394, 0] {
            var initiation = HandshakeFixture.initiation
            initiation[0] = UInt8(version >> 8)
            initiation[1] = UInt8(version & 255)
            #expect(throws: NoiseError.forged(.initiation)) {
                _ = try NoiseResponder(initiation: initiation, server: fixture.server)
            }
        }
    }

    @Test("refuses keys of low order wherever they come from", arguments: lowOrder)
    func refusesLowOrder(text: String) throws {
        let point = hex(text)
        let serverKey = try #require(MachineKey(bytes: point))
        #expect(throws: NoiseError.unusableKey) {
            _ = try NoiseInitiator(
                version: HandshakeFixture.version,
                machine: fixture.machine,
                serverKey: serverKey,
                ephemeral: HandshakeFixture.machineEphemeral
            )
        }
        var initiation = HandshakeFixture.initiation
        initiation.replaceSubrange(5..<37, with: point)
        #expect(throws: NoiseError.unusableKey) {
            _ = try NoiseResponder(initiation: initiation, server: fixture.server)
        }
        var response = HandshakeFixture.response
        response.replaceSubrange(3..<35, with: point)
        #expect(throws: NoiseError.unusableKey) { _ = try fixture.initiator().receive(response: response) }
    }

    @Test("refuses a client whose sealed machine key is of low order", arguments: lowOrder)
    func refusesLowOrderMachine(text: String) throws {
        // Without the check, anyone could pass for such a machine: its shared secret is known to all.
        let ephemeral = try KeyAgreement(HandshakeFixture.machineEphemeral, .ephemeralKey)
        let serverBytes = fixture.server.publicKey.bytes
        var state = SymmetricState(prologue: HandshakePattern.prologue(for: 138), responderKey: serverBytes)
        var message = ephemeral.publicKey
        state.mixHash(message)
        let keyCipher = try state.mixKey(try ephemeral.secret(with: serverBytes))
        message += state.encrypt(hex(text), with: keyCipher)
        let payloadCipher = try state.mixKey([UInt8](repeating: 0, count: 32))
        message += state.encrypt([], with: payloadCipher)
        #expect(throws: NoiseError.unusableKey) {
            _ = try NoiseResponder(initiation: [0, 138, 1, 0, 96] + message, server: fixture.server)
        }
    }

    @Test("refuses ephemeral bytes that cannot have been random, or are too few")
    func ephemeralBytes() throws {
        for count in [0, 31, 33] {
            #expect(throws: NoiseError.wrongSize(.ephemeralKey, bytes: count)) {
                let responder = try NoiseResponder(initiation: HandshakeFixture.initiation, server: fixture.server)
                _ = try responder.respond(ephemeral: [UInt8](repeating: 1, count: count))
            }
        }
        #expect(throws: NoiseError.unusableKey) {
            let responder = try NoiseResponder(initiation: HandshakeFixture.initiation, server: fixture.server)
            _ = try responder.respond(ephemeral: [UInt8](repeating: 0, count: 32))
        }
    }

    @Test("hands on the text of a refusal")
    func refusal() throws {
        #expect(throws: NoiseError.refused("come back later")) {
            _ = try fixture.initiator().receive(response: HandshakeRefusal.encode("come back later"))
        }
    }

    @Test("never accepts an initiation with something wrong with it")
    func mutatedInitiations() {
        var random = SeededRandom(seed: 20)
        for _ in 0..<300 {
            let initiation = random.mutated(HandshakeFixture.initiation)
            guard initiation != HandshakeFixture.initiation else { continue }
            #expect(throws: NoiseError.self) {
                _ = try NoiseResponder(initiation: initiation, server: fixture.server)
            }
        }
    }

    @Test("never accepts a response with something wrong with it")
    func mutatedResponses() {
        var random = SeededRandom(seed: 21)
        for _ in 0..<150 {
            let response = random.mutated(HandshakeFixture.response)
            guard response != HandshakeFixture.response else { continue }
            #expect(throws: NoiseError.self) { _ = try fixture.initiator().receive(response: response) }
        }
    }

    @Test("never accepts bytes that were not made for it")
    func randomInitiations() {
        var random = SeededRandom(seed: 22)
        for _ in 0..<100 {
            let initiation = [0, 138, 1, 0, 96] + random.bytes(96)
            #expect(throws: NoiseError.self) {
                _ = try NoiseResponder(initiation: initiation, server: fixture.server)
            }
        }
    }
}
