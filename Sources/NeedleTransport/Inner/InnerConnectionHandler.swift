// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Logging
import NIOCore
import NIOSSL

/// One HTTP/2 connection inside Noise: its streams, how long it may be idle, and its orderly end.
///
/// The only handler behind `NoiseHandler`. What HTTP/2 allows is for its ``HTTP2ServerMachine`` to know; this one moves
/// bytes, keeps an ``InnerStream`` for each request, and watches the clock.
final class InnerConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let shared: FrontDoorContext
    let router: any InnerRouter
    let peer: InnerPeer
    /// The bodies of unfinished requests.
    var bodyBytes = 0
    var machine: HTTP2ServerMachine
    var context: ChannelHandlerContext?
    var streams: [InnerStream] = []
    /// Whether the channel takes more; as it said last, since asking it takes a walk through the pipeline for each of
    /// the several times that a message has to know.
    private(set) var channelIsWritable = true
    /// How much of all bodies is with the socket.
    var sentMark = 0
    /// Whether output waits until something else is done: events are being taken, or output is being sent.
    var isBusy = false

    private var hadRequest = false
    private var ticket: ConnectionLedger.HalfOpenTicket?
    private var isQuiescing = false
    private var isSayingGoodbye = false
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
        machine = HTTP2ServerMachine(limits: HTTP2ServerLimits(shared.limits))
    }

    // MARK: - The connection

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        channelIsWritable = context.channel.isWritable
        machine.open()
        sendControl()
        scheduleCheck(in: shared.limits.firstInnerRequestDeadline, context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        over()
    }

    func channelInactive(context: ChannelHandlerContext) {
        over()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        machine.receive(unwrapInboundIn(data))
        let now = context.eventLoop.now
        isBusy = true
        do throws(HTTP2ServerFault) {
            while let event = try machine.next(now: now) { take(event) }
            isBusy = false
            pump()
        } catch {
            isBusy = false
            sendControl()
            fail(context, error)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        channelIsWritable = context.channel.isWritable
        pump()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case is IOError, NIOSSLError.uncleanShutdown: context.close(promise: nil)
        default: fail(context, error)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { quiesce() }
        context.fireUserInboundEventTriggered(event)
    }

    /// Closes the connection at once; for a client that takes nothing any more.
    func abort() {
        context?.close(promise: nil)
    }

    private func fail(_ context: ChannelHandlerContext, _ error: any Error) {
        shared.counters.add(.innerConnectionErrors)
        shared.logger.debug("an inner connection failed", metadata: ["error": "\(error)"])
        context.triggerUserOutboundEvent(TransportViolation(), promise: nil)
        context.close(promise: nil)
    }

    private func over() {
        timer?.cancel()
        timer = nil
        ticket = nil
        context = nil
        // Exchanges that somebody still holds hold this handler, but nothing that was to be sent.
        machine.abandon()
        let streams = streams
        self.streams = []
        for stream in streams { stream.closed() }
    }

    // MARK: - Its streams

    private func take(_ event: HTTP2ServerEvent) {
        switch event {
        case .request(let id, let fields, let isComplete):
            // It crosses our goodbye, which says that it is not answered.
            guard !isSayingGoodbye else { return }
            let stream = InnerStream(id: id, connection: self)
            streams.append(stream)
            idleSince = nil
            hadRequest = true
            ticket = nil
            stream.receivedHead(fields, isLast: isComplete)
        case .body(let id, let bytes, let isComplete):
            streams.last { $0.id == id }?.receivedBody(bytes, isLast: isComplete)
        case .reset(let id, let code):
            shared.logger.trace("a stream was reset", metadata: ["code": "\(code)"])
            close(id)
        case .goAway:
            // Nothing to say: the client ends the connection when its requests are answered.
            break
        }
    }

    /// Gives a stream up that the machine has forgotten.
    func close(_ id: UInt32) {
        guard let index = streams.lastIndex(where: { $0.id == id }) else { return }
        streams.remove(at: index).closed()
        guard streams.isEmpty, let context else { return }
        streams = []
        if isQuiescing { goodbye() }
        idleSince = context.eventLoop.now
        if timer == nil { scheduleCheck(in: shared.limits.innerIdle, context) }
    }

    // MARK: - Its end

    private func quiesce() {
        guard !isQuiescing else { return }
        isQuiescing = true
        guard !streams.isEmpty else { return goodbye() }
        // No stream is refused yet: the client does not know that it should open none.
        machine.goAway(lastStream: .max >> 1, .noError)
        sendControl()
        for stream in streams { stream.quiesce() }
    }

    /// Says GOAWAY, and closes when that has left, so that nothing written before is lost.
    private func goodbye() {
        guard let context, !isSayingGoodbye else { return }
        isSayingGoodbye = true
        machine.goAway(lastStream: machine.lastStream, .noError)
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
        sendControl(promise: sent)
    }

    // MARK: - Time

    /// One timer at a time, which looks around when it fires: cheaper than a new one for every request.
    ///
    /// At whole seconds, so that those of connections which came together wake the loop together: of 10,000, two thirds
    /// of what the server took in the minute after they came were these wake-ups.
    private func scheduleCheck(in amount: TimeAmount, _ context: ChannelHandlerContext) {
        let second: UInt64 = 1_000_000_000
        let due = (context.eventLoop.now + amount).uptimeNanoseconds
        let deadline = NIODeadline.uptimeNanoseconds((due + second - 1) / second * second)
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
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
        goodbye()
    }
}
