// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NeedleTypes

/// The client's side of a handshake, which simulated clients use.
///
/// A handshake answers one response only: ``receive(response:)`` consumes it.
package struct NoiseInitiator: ~Copyable {
    /// The message to send.
    ///
    /// - Shape: u16 big-endian version, u8 type 1, u16 big-endian 96, then 32 bytes of ephemeral key, 48 of sealed
    ///   machine key, 16 of tag.
    package let initiation: [UInt8]
    private let handshake: HandshakePattern.Initiator

    /// Begins a handshake with 32 random bytes that are used nowhere else.
    ///
    /// - Throws: ``NoiseError/unsendableVersion(_:)``, ``NoiseError/unusableKey``, or
    ///   ``NoiseError/wrongSize(_:bytes:)`` for the ephemeral bytes.
    package init(
        version: CapabilityVersion,
        machineKey: MachinePrivateKey,
        serverKey: MachineKey,
        ephemeral: [UInt8]
    ) throws(NoiseError) {
        let machine = try MachineKeyPair(machineKey)
        try self.init(version: version, machine: machine, serverKey: serverKey, ephemeral: ephemeral)
    }

    /// Begins a handshake with a machine key whose public half is at hand.
    package init(
        version: CapabilityVersion,
        machine: MachineKeyPair,
        serverKey: MachineKey,
        ephemeral: [UInt8]
    ) throws(NoiseError) {
        guard let number = UInt16(exactly: version.value) else { throw .unsendableVersion(version.value) }
        let (message, handshake) = try HandshakePattern.Initiator.start(
            prologue: HandshakePattern.prologue(for: number),
            machine: machine,
            ephemeral: try KeyAgreement(ephemeral, .ephemeralKey),
            responderKey: serverKey.bytes
        )
        let header: [UInt8] = [
            UInt8(truncatingIfNeeded: number >> 8),
            UInt8(truncatingIfNeeded: number),
            ControlMessageType.initiation.rawValue,
            0,
            UInt8(ControlMessageSize.initiationPayload),
        ]
        initiation = header + message
        self.handshake = handshake
    }

    /// Takes the server's answer, header and all.
    ///
    /// - Throws: ``NoiseError/refused(_:)`` with the server's text if the answer is a refusal;
    ///   ``NoiseError/forged(_:)`` if it comes from someone else than the holder of the server's key.
    package consuming func receive(response: [UInt8]) throws(NoiseError) -> NoiseTransport {
        if let text = HandshakeRefusal.decode(response) { throw .refused(text) }
        guard response.count == ControlMessageSize.response else {
            throw .wrongSize(.response, bytes: response.count)
        }
        guard response[0] == ControlMessageType.response.rawValue else {
            throw .wrongType(.response, found: response[0])
        }
        let length = Int(response[1]) << 8 | Int(response[2])
        guard length == ControlMessageSize.responsePayload else { throw .wrongLength(.response, found: length) }
        return try handshake.finish(Array(response.dropFirst(ControlMessageSize.header))).transport
    }
}
