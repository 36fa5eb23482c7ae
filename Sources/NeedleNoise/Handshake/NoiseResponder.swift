// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// The server's side of a handshake, once the client has proved who it is.
///
/// Whether the client's version is served, and whether its machine is known, is for the caller to say.
/// A handshake is answered once: ``respond(ephemeral:)`` consumes it.
package struct NoiseResponder: ~Copyable {
    /// What the client said it understands; forging it makes the handshake fail.
    package let version: CapabilityVersion
    /// Who the client is.
    ///
    /// An initiation can be replayed by someone without this key, but they cannot read or seal a record.
    package let clientKey: MachineKey
    private let handshake: HandshakePattern.Responder

    /// Reads an initiation of exactly 101 bytes.
    ///
    /// - Throws: ``NoiseError/wrongSize(_:bytes:)``, ``NoiseError/wrongType(_:found:)``,
    ///   ``NoiseError/wrongLength(_:found:)``, ``NoiseError/unusableKey`` or ``NoiseError/forged(_:)``.
    package init(initiation: [UInt8], serverKey: MachinePrivateKey) throws(NoiseError) {
        try self.init(initiation: initiation, server: try MachineKeyPair(serverKey))
    }

    /// Reads an initiation with a server key whose public half is at hand.
    package init(initiation: [UInt8], server: MachineKeyPair) throws(NoiseError) {
        guard initiation.count == ControlMessageSize.initiation else {
            throw .wrongSize(.initiation, bytes: initiation.count)
        }
        guard initiation[2] == ControlMessageType.initiation.rawValue else {
            throw .wrongType(.initiation, found: initiation[2])
        }
        let length = Int(initiation[3]) << 8 | Int(initiation[4])
        guard length == ControlMessageSize.initiationPayload else { throw .wrongLength(.initiation, found: length) }
        let number = UInt16(initiation[0]) << 8 | UInt16(initiation[1])
        let handshake = try HandshakePattern.Responder(
            prologue: HandshakePattern.prologue(for: number),
            machine: server,
            message: Array(initiation.dropFirst(ControlMessageSize.initiationHeader))
        )
        guard let clientKey = MachineKey(bytes: handshake.initiatorKey) else { throw .unusableKey }
        version = CapabilityVersion(Int(number))
        self.clientKey = clientKey
        self.handshake = handshake
    }

    /// Answers with 32 random bytes that are used nowhere else.
    ///
    /// - Shape: the response is u8 type 2, u16 big-endian 48, then 32 bytes of ephemeral key and 16 of tag.
    /// - Throws: ``NoiseError/wrongSize(_:bytes:)`` or ``NoiseError/unusableKey`` for the ephemeral bytes.
    package consuming func respond(
        ephemeral: [UInt8]
    ) throws(NoiseError) -> (response: [UInt8], transport: NoiseTransport) {
        let (message, transport) = try handshake.finish(ephemeral: try KeyAgreement(ephemeral, .ephemeralKey))
        let header = RecordHeader(type: .response, length: UInt16(ControlMessageSize.responsePayload))
        return (header.bytes + message, transport)
    }
}
