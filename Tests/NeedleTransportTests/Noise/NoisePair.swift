// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleNoise
import NeedleTesting
import NeedleTypes

/// Both ends of one finished handshake.
struct NoisePair {
    var server: NoiseTransport
    var client: NoiseTransport

    init(seed: UInt64 = 1) throws {
        var random = SeededRandom(seed: seed)
        let keys = try MachineKeyPair(MachinePrivateKey.generate(using: &random))
        let initiator = try NoiseInitiator(
            version: .current,
            machineKey: MachinePrivateKey.generate(using: &random),
            serverKey: keys.publicKey,
            ephemeral: (1...32).map { $0 }
        )
        let responder = try NoiseResponder(initiation: initiator.initiation, server: keys)
        let (response, transport) = try responder.respond(ephemeral: (33...64).map { $0 })
        server = transport
        client = try initiator.receive(response: response)
    }
}
