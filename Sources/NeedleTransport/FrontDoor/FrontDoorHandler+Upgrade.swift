// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Logging
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// An upgrade that will happen once its request has ended.
struct AcceptedUpgrade {
    let request: UpgradeRequest
    /// The 101's header fields; nothing when the client asked for no answer.
    let answer: HTTPHeaders?
    let idealNode: String?
    /// Counts a Noise connection until its first request.
    var ticket: ConnectionLedger.HalfOpenTicket?
}

extension FrontDoorHandler {
    /// Accepts or refuses an upgrade when its head has come.
    func receivedUpgrade(_ upgrade: UpgradeRequest, head: HTTPRequestHead, context: ChannelHandlerContext) {
        switch upgrade {
        case .refused(let status, let text):
            refuseUpgrade(.text(status, text), context: context)
        case .noise(_, let isWebSocket):
            guard shared.noise != nil else { return refuseUpgrade(Self.nothingHere, context: context) }
            guard let ticket = shared.ledger.beginHalfOpen() else {
                shared.counters.add(.upgradesOverLimit)
                var answer = FrontDoorResponse.text(.serviceUnavailable, "too many new connections; try again later")
                answer.headers.add(name: "Retry-After", value: "10")
                return refuse(answer, context: context)
            }
            accept(upgrade, isWebSocket, protocol: UpgradeRequest.noiseProtocol, ticket: ticket, head, context)
        case .relay(let transport):
            guard shared.relay != nil else { return refuseUpgrade(Self.nothingHere, context: context) }
            let isWebSocket = transport == .webSocket
            let name = isWebSocket ? UpgradeRequest.relaySubprotocol : UpgradeRequest.relayProtocol
            accept(upgrade, isWebSocket, protocol: name, ticket: nil, head, context)
        }
    }

    private static let nothingHere = FrontDoorResponse.text(.notFound, "there is nothing at this path")

    private func refuseUpgrade(_ response: FrontDoorResponse, context: ChannelHandlerContext) {
        shared.counters.add(.upgradesRefused)
        refuse(response, context: context)
    }

    private func accept(
        _ upgrade: UpgradeRequest,
        _ isWebSocket: Bool,
        protocol name: String,
        ticket: ConnectionLedger.HalfOpenTicket?,
        _ head: HTTPRequestHead,
        _ context: ChannelHandlerContext
    ) {
        var answer: HTTPHeaders? = ["Upgrade": name, "Connection": "upgrade"]
        if isWebSocket {
            guard let fields = WebSocketAnswer.fields(for: head, subprotocol: name, on: context.channel) else {
                let text = "this is not a WebSocket handshake of version 13"
                return refuseUpgrade(.text(.badRequest, text), context: context)
            }
            answer = fields
        } else if upgrade == .relay(.fastStart) {
            answer = nil
        } else if upgrade == .relay(.raw), let relay = shared.relay {
            answer?.add(name: "Derp-Version", value: "2")
            answer?.add(name: "Derp-Public-Key", value: relay.publicKeyHex)
        }
        let idealNode = head.headers.first(name: "Ideal-Node")
        state = .upgrading(
            AcceptedUpgrade(request: upgrade, answer: answer, idealNode: idealNode, ticket: ticket)
        )
        startTimer(shared.limits.bodyDeadline, counting: .bodyTimeouts, context: context)
    }

    /// Answers 101 and swaps the handlers of HTTP for those of the new protocol.
    ///
    /// The order matters. The answer goes through the encoder before that leaves. What follows is added before the
    /// decoder leaves, because the decoder then hands over the bytes that came right behind the request; and this
    /// handler leaves before that, so that those bytes pass it by.
    func perform(_ upgrade: AcceptedUpgrade, context: ChannelHandlerContext) {
        let channel = context.channel
        if let answer = upgrade.answer {
            let head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: answer)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.end(nil)), promise: nil)
        }
        state = .closed
        let pipeline = context.pipeline.syncOperations
        do {
            let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
            for leaving in [
                try pipeline.context(handlerType: HTTPServerPipelineHandler.self),
                try pipeline.context(handlerType: HTTPResponseEncoder.self),
            ] {
                pipeline.removeHandler(context: leaving, promise: nil)
            }
            try addHandlers(for: upgrade, to: channel)
            pipeline.removeHandler(context: context, promise: nil)
            let removed = channel.eventLoop.makePromise(of: Void.self)
            // HTTP/2 holds its writes back until a round of reads is complete, and leftovers come outside of one.
            removed.futureResult.whenComplete { _ in channel.pipeline.fireChannelReadComplete() }
            pipeline.removeHandler(context: decoder, promise: removed)
        } catch {
            shared.logger.error("an upgrade failed", metadata: ["error": "\(error)"])
            channel.close(promise: nil)
        }
    }

    private func addHandlers(for upgrade: AcceptedUpgrade, to channel: any Channel) throws {
        switch upgrade.request {
        case .noise(let initiation, let isWebSocket):
            if isWebSocket { try addWebSocket(to: channel) }
            guard let service = shared.noise else { return }
            let noise = NoiseUpgrade(shared: shared, origin: origin, service: service, ticket: upgrade.ticket)
            try noise.install(initiation: initiation, withEarlyPayload: !isWebSocket, on: channel)
        case .relay(let transport):
            if transport == .webSocket { try addWebSocket(to: channel) }
            guard let relay = shared.relay else { return }
            shared.counters.add(.relayUpgrades)
            let info = RelayUpgradeInfo(
                remote: origin.remote,
                isSecure: origin.isSecure,
                isWebSocket: transport == .webSocket,
                isFastStart: transport == .fastStart,
                idealNode: upgrade.idealNode
            )
            try channel.pipeline.syncOperations.addHandler(try relay.makeHandler(channel, info))
            channel.flush()
        case .refused:
            break
        }
    }

    private func addWebSocket(to channel: any Channel) throws {
        shared.counters.add(.webSocketUpgrades)
        let limit = shared.limits.webSocketFrameBytesMax
        try channel.pipeline.syncOperations.addHandlers([
            WebSocketFrameEncoder(),
            ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: limit), maximumBufferSize: limit * 2),
            WebSocketBytesHandler(counters: shared.counters),
        ])
    }
}
