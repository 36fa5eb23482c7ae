// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import Testing

@testable import NeedleNoise

/// A handshake of the control protocol with fixed keys.
///
/// - Source: computed with a second implementation, in Python from hashlib, hmac and the cryptography package.
struct HandshakeFixture {
    static let version = CapabilityVersion(138)
    static let machineEphemeral: [UInt8] = Array(33..<65)
    static let serverEphemeral: [UInt8] = Array(97..<129)
    static let initiation = hex(
        "008a0100605869aff450549732cbaaed5e5df9b30a6da31cb0e5742bad5ad4a1a768f1a67b822e8514e6389169bdfd10"
            + "afecae5bded9cda3f0157ac1d03cd3620b3bb73a86b755f35d386b28d6cddf6ddef1816551a705a96d838ac65d66f341"
            + "e811a113cc"
    )
    static let response = hex(
        "020030244fe3b963e899dd295baffce248d3530f3a9a7479ba063002680ebfe7adad4965906de9124ebe812ad8ad1704"
            + "3c5e2b"
    )
    static let hash = hex("11ca1763c33eb1df7066b4a4f5bccfba13a169e3127c35756e95cc71992dbcba")
    static let clientToServer = hex("9d8a0c9bfad81a7ac34484c53c3b9e730edd3c0249faac7826a8cf9f4b9713b1")
    static let serverToClient = hex("5c591b6bc88039fb598c45334d246af59501be8061e51f3950afafc7d1fb28cb")

    let machineKey: MachinePrivateKey
    let serverKey: MachinePrivateKey
    let machine: MachineKeyPair
    let server: MachineKeyPair

    init() throws {
        machineKey = try #require(MachinePrivateKey(bytes: Array(1..<33)))
        serverKey = try #require(MachinePrivateKey(bytes: Array(65..<97)))
        machine = try MachineKeyPair(machineKey)
        server = try MachineKeyPair(serverKey)
    }

    func initiator(version: CapabilityVersion = Self.version) throws -> NoiseInitiator {
        try NoiseInitiator(
            version: version,
            machine: machine,
            serverKey: server.publicKey,
            ephemeral: Self.machineEphemeral
        )
    }

    /// Both ends of a connection.
    func connect() throws -> (client: NoiseTransport, server: NoiseTransport) {
        let initiator = try initiator()
        let responder = try NoiseResponder(initiation: initiator.initiation, server: server)
        let (response, transport) = try responder.respond(ephemeral: Self.serverEphemeral)
        return (try initiator.receive(response: response), transport)
    }
}
