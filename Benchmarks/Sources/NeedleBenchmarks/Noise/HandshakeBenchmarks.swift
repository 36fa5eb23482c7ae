// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Benchmark
import NeedleNoise
import NeedleTesting
import NeedleTypes

extension BenchmarkSuite {
    /// What a connection costs the server before anything is said on it.
    static let noise = BenchmarkSuite(name: "noise") { suite in
        suite.register(
            benchmark: Subject(
                "handshake, responder",
                make: HandshakeFixture.init,
                before: { try $0.newInitiation() },
                body: { try $0.respond() }
            )
        )
    }
}

/// A server's key and a client that knocks.
final class HandshakeFixture {
    private var random = SeededRandom(seed: 1)
    private let server: MachineKeyPair
    private let client: MachineKeyPair
    private var initiation: [UInt8] = []
    private var ephemeral: [UInt8] = []

    init() throws {
        server = try MachineKeyPair(.generate(using: &random))
        client = try MachineKeyPair(.generate(using: &random))
    }

    func newInitiation() throws {
        initiation = try initiator().initiation
        ephemeral = randomBytes()
    }

    func respond() throws {
        let responder = try NoiseResponder(initiation: initiation, server: server)
        keep(try responder.respond(ephemeral: ephemeral).response.count)
    }

    /// Both sides of a finished handshake.
    func pair() throws -> (server: NoiseTransport, client: NoiseTransport) {
        let initiator = try initiator()
        let responder = try NoiseResponder(initiation: initiator.initiation, server: server)
        let (response, transport) = try responder.respond(ephemeral: randomBytes())
        return (transport, try initiator.receive(response: response))
    }

    private func initiator() throws -> NoiseInitiator {
        try NoiseInitiator(
            version: .current,
            machine: client,
            serverKey: server.publicKey,
            ephemeral: randomBytes()
        )
    }

    private func randomBytes() -> [UInt8] {
        (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
}
