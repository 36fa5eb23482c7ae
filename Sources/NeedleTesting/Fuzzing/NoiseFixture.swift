// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleNoise
import NeedleTypes

/// A handshake with fixed keys, to which the corpus was sealed; never for anything but tests.
package enum NoiseFixture {
    static let machine = keyPair(Array(1...32))
    static let server = keyPair(Array(65...96))
    static let machineEphemeral: [UInt8] = Array(33...64)
    static let serverEphemeral: [UInt8] = Array(97...128)

    /// The server's end of a connection, which opens what the client's end has sealed.
    package static let connection = connect()?.server

    /// Both ends of a connection, each at its first record.
    package static func connect() -> (client: NoiseTransport, server: NoiseTransport)? {
        guard let server, let initiator = initiator(),
            let responder = try? NoiseResponder(initiation: initiator.initiation, server: server),
            let answer = try? responder.respond(ephemeral: serverEphemeral),
            let client = try? initiator.receive(response: answer.response)
        else { return nil }
        return (client, answer.transport)
    }

    /// The client's side, before the answer.
    static func initiator() -> NoiseInitiator? {
        guard let machine, let server else { return nil }
        return try? NoiseInitiator(
            version: CapabilityVersion(138),
            machine: machine,
            serverKey: server.publicKey,
            ephemeral: machineEphemeral
        )
    }

    private static func keyPair(_ bytes: [UInt8]) -> MachineKeyPair? {
        MachinePrivateKey(bytes: bytes).flatMap { try? MachineKeyPair($0) }
    }
}
