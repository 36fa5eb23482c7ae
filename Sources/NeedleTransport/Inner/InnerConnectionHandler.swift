// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Logging
import NIOCore
import NIOHTTP2
import NIOSSL

/// One HTTP/2 connection inside Noise: what its streams share, how long it may be idle, and its orderly end.
///
/// Stands behind `NIOHTTP2Handler`, which deals with the streams itself and passes on only what concerns all of them.
final class InnerConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    let shared: FrontDoorContext
    let router: any InnerRouter
    let peer: InnerPeer
    /// The bodies of unfinished requests.
    var bodyBytes = 0

    private var context: ChannelHandlerContext?
    private var openStreams = 0
    private var hadRequest = false
    private var ticket: ConnectionLedger.HalfOpenTicket?
    private var isQuiescing = false
    private var idleSince: NIODeadline?
    private var timer: Scheduled<Void>?

    init(
        shared: FrontDoorContext,
        router: any InnerRouter,
        peer: InnerPeer,
        ticket: ConnectionLedger.HalfOpenTicket?
    ) {
        self.ticket = ticket
        self.shared = shared
        self.router = router
        self.peer = peer
    }

    // MARK: - The connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        scheduleCheck(in: shared.limits.firstInnerRequestDeadline, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        over()
    }

    func channelInactive(context: ChannelHandlerContext) {
        over()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case is NIOHTTP2Errors.StreamError, is NIOHTTP2Errors.NoSuchStream, is NIOHTTP2Errors.StreamClosed:
            // Crossing messages about a stream that one side has just ended.
            break
        case is IOError, NIOSSLError.uncleanShutdown:
            context.close(promise: nil)
        default:
            // HTTP/2 has already sent GOAWAY, if it was at fault with the client.
            shared.counters.add(.innerConnectionErrors)
            shared.logger.debug("an inner connection failed", metadata: ["error": "\(error)"])
            context.triggerUserOutboundEvent(TransportViolation(), promise: nil)
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            isQuiescing = true
            goodbye(thenClose: openStreams == 0)
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Closes the connection at once; for a client that takes nothing any more.
    func abort() {
        context?.close(promise: nil)
    }

    /// Says GOAWAY; closes only when that has left, so that nothing written before is lost.
    private func goodbye(thenClose: Bool) {
        guard let context else { return }
        let payload = HTTP2Frame.FramePayload.goAway(lastStreamID: .maxID, errorCode: .noError, opaqueData: nil)
        let frame = wrapOutboundOut(HTTP2Frame(streamID: .rootStream, payload: payload))
        guard thenClose else { return context.writeAndFlush(frame, promise: nil) }
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
        context.writeAndFlush(frame, promise: sent)
    }

    private func over() {
        timer?.cancel()
        timer = nil
        ticket = nil
        context = nil
    }

    // MARK: - Its streams

    /// A client has begun a request.
    func streamOpened() {
        openStreams += 1
        idleSince = nil
        hadRequest = true
        ticket = nil
    }

    /// A stream is gone.
    func streamClosed() {
        openStreams -= 1
        guard openStreams == 0, let context else { return }
        if isQuiescing { goodbye(thenClose: true) }
        idleSince = context.eventLoop.now
        if timer == nil { scheduleCheck(in: shared.limits.innerIdle, context) }
    }

    // MARK: - Time

    /// One timer at a time, which looks around when it fires: cheaper than a new one for every request.
    private func scheduleCheck(in amount: TimeAmount, _ context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: amount) {
            self.timer = nil
            self.check()
        }
    }

    private func check() {
        guard let context else { return }
        if !hadRequest {
            shared.counters.add(.innerFirstRequestTimeouts)
        } else {
            // With streams open there is nothing to watch; the last of them starts the timer again.
            guard let idleSince else { return }
            let rest = idleSince + shared.limits.innerIdle - context.eventLoop.now
            guard rest <= .nanoseconds(0) else { return scheduleCheck(in: rest, context) }
            shared.counters.add(.innerIdleTimeouts)
        }
        goodbye(thenClose: true)
    }
}
