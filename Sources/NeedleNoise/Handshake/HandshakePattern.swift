// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes

/// The two messages of Noise IK, with any prologue and payloads.
///
/// The control protocol uses empty payloads only; the published vectors, which this is tested with, do not.
///
/// ```
/// <- s
/// ...
/// -> e, es, s, ss
/// <- e, ee, se
/// ```
///
/// - Source: the Noise specification, sections 5.3 and 7.5.
enum HandshakePattern {
    /// What binds a handshake to the version in the initiation's clear header.
    static func prologue(for version: UInt16) -> [UInt8] {
        Array("Tailscale Control Protocol v\(version)".utf8)
    }

    /// The initiator, waiting for the response.
    struct Initiator {
        private var state: SymmetricState
        private let machine: KeyAgreement
        private let ephemeral: KeyAgreement

        /// Makes the first message: ephemeral key, sealed static key, sealed payload.
        static func start(
            prologue: [UInt8],
            machine: MachineKeyPair,
            ephemeral: KeyAgreement,
            responderKey: [UInt8],
            payload: [UInt8] = []
        ) throws(NoiseError) -> (message: [UInt8], initiator: Self) {
            var state = SymmetricState(prologue: prologue, responderKey: responderKey)
            var message = ephemeral.publicKey
            state.mixHash(message)
            let keyCipher = try state.mixKey(try ephemeral.secret(with: responderKey))
            message += state.encrypt(machine.publicKey.bytes, with: keyCipher)
            let payloadCipher = try state.mixKey(try machine.agreement.secret(with: responderKey))
            message += state.encrypt(payload, with: payloadCipher)
            return (message, Self(state: state, machine: machine.agreement, ephemeral: ephemeral))
        }

        /// Reads the second message.
        consuming func finish(_ message: [UInt8]) throws(NoiseError) -> (payload: [UInt8], transport: NoiseTransport) {
            let size = ControlMessageSize.self
            guard message.count >= size.responsePayload else { throw .wrongSize(.response, bytes: message.count) }
            let responderEphemeral = Array(message.prefix(size.key))
            state.mixHash(responderEphemeral)
            try state.mixKey(try ephemeral.secret(with: responderEphemeral))
            let cipher = try state.mixKey(try machine.secret(with: responderEphemeral))
            let payload = try state.decrypt(Array(message.dropFirst(size.key)), with: cipher, as: .response)
            let hash = state.hash
            let keys = try state.split()
            let transport = NoiseTransport(
                sealer: RecordSealer(key: keys.initiator),
                opener: RecordOpener(key: keys.responder),
                handshakeHash: hash
            )
            return (payload, transport)
        }
    }

    /// The responder, knowing who asks.
    struct Responder {
        private var state: SymmetricState
        private let initiatorEphemeral: [UInt8]
        let initiatorKey: [UInt8]
        let payload: [UInt8]

        /// Reads the first message.
        init(prologue: [UInt8], machine: MachineKeyPair, message: [UInt8]) throws(NoiseError) {
            let size = ControlMessageSize.self
            guard message.count >= size.initiationPayload else { throw .wrongSize(.initiation, bytes: message.count) }
            state = SymmetricState(prologue: prologue, responderKey: machine.publicKey.bytes)
            initiatorEphemeral = Array(message.prefix(size.key))
            state.mixHash(initiatorEphemeral)
            let keyCipher = try state.mixKey(try machine.agreement.secret(with: initiatorEphemeral))
            let keyEnd = size.key + size.key + size.tag
            initiatorKey = try state.decrypt(Array(message[size.key..<keyEnd]), with: keyCipher, as: .initiation)
            let payloadCipher = try state.mixKey(try machine.agreement.secret(with: initiatorKey))
            payload = try state.decrypt(Array(message[keyEnd...]), with: payloadCipher, as: .initiation)
        }

        /// Makes the second message: ephemeral key, sealed payload.
        consuming func finish(
            ephemeral: KeyAgreement,
            payload: [UInt8] = []
        ) throws(NoiseError) -> (message: [UInt8], transport: NoiseTransport) {
            var message = ephemeral.publicKey
            state.mixHash(message)
            try state.mixKey(try ephemeral.secret(with: initiatorEphemeral))
            let cipher = try state.mixKey(try ephemeral.secret(with: initiatorKey))
            message += state.encrypt(payload, with: cipher)
            let hash = state.hash
            let keys = try state.split()
            let transport = NoiseTransport(
                sealer: RecordSealer(key: keys.responder),
                opener: RecordOpener(key: keys.initiator),
                handshakeHash: hash
            )
            return (message, transport)
        }
    }
}
