// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Logging
import NIOCore
import NeedleNoise

/// Answers a Noise initiation and builds what follows it: records, HTTP/2, requests.
struct NoiseUpgrade {
    let shared: FrontDoorContext
    let origin: ConnectionOrigin
    let service: NoiseService
    let ticket: ConnectionLedger.HalfOpenTicket?

    /// Adds the handlers to the end of the pipeline, or sends a refusal and closes.
    ///
    /// The response, the early payload and HTTP/2's SETTINGS leave together with the 101 that is waiting.
    func install(initiation: [UInt8], withEarlyPayload: Bool, on channel: any Channel) throws {
        do throws(NoiseError) {
            let responder = try NoiseResponder(initiation: initiation, server: service.server)
            let peer = InnerPeer(noiseKey: responder.clientKey, version: responder.version, remote: origin.remote)
            let (response, transport) = try responder.respond(ephemeral: Self.ephemeral())
            shared.counters.add(.noiseUpgrades)
            channel.write(ByteBuffer(bytes: response), promise: nil)
            do {
                try add(transport, peer: peer, withEarlyPayload: withEarlyPayload, to: channel)
            } catch {
                shared.logger.error("a Noise connection could not be set up", metadata: ["error": "\(error)"])
                channel.close(promise: nil)
            }
        } catch {
            shared.counters.add(.noiseHandshakeFailures)
            channel.write(ByteBuffer(bytes: HandshakeRefusal.encode(Self.text(for: error))), promise: nil)
            channel.triggerUserOutboundEvent(TransportViolation(), promise: nil)
            channel.flush()
            channel.close(promise: nil)
        }
    }

    private func add(
        _ transport: NoiseTransport,
        peer: InnerPeer,
        withEarlyPayload: Bool,
        to channel: any Channel
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        let noise = NoiseHandler(transport: transport, allocator: channel.allocator, counters: shared.counters)
        try pipeline.addHandler(noise)
        if withEarlyPayload {
            let payload = EarlyPayload(challenge: service.challenge).encode()
            channel.write(ByteBuffer(bytes: payload), promise: nil)
        }
        try InnerPipeline.add(to: channel, shared: shared, router: service.router, peer: peer, ticket: ticket)
    }

    private static func ephemeral() -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<4).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
    }

    /// What the client shows its user; says what to do.
    private static func text(for error: NoiseError) -> String {
        switch error {
        case .forged: "the handshake does not authenticate: fetch the server's key from /key again"
        default: "the handshake is malformed"
        }
    }
}
