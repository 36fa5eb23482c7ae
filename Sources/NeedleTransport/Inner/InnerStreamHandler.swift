// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Logging
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One HTTP/2 stream: collects the request, hands it to the router, and sends what its ``InnerExchange`` is told.
///
/// ```
/// head ──HEADERS──▶ body ──END_STREAM──▶ open ──startStream──▶ streaming ──end──▶ answered
///   │                │                     └──────respond──────────────────────▶     │
///   │                └──refusal (408, 413, 503): the rest is thrown away──────▶ answered
///   └────────────────────── RST_STREAM, connection gone ──▶ gone ◀────────────────────┘
/// ```
final class InnerStreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private enum State {
        case head
        case body(Head, ByteBuffer, BodyBudget.Share)
        case open
        case streaming
        case answered
        case gone
    }

    private struct Head {
        let method: String
        let target: RequestTarget
        let headers: HPACKHeaders
    }

    /// What is written in one piece; progress is noticed in steps of this size.
    private static let chunkBytes = 16 * 1024

    private let connection: InnerConnectionHandler
    private var limits: TransportLimits { connection.shared.limits }
    private var counters: TransportCounters { connection.shared.counters }
    private var context: ChannelHandlerContext?
    private var state = State.head
    private var timer: Scheduled<Void>?
    private var lastProgress = NIODeadline.uptimeNanoseconds(0)

    /// Written, but not yet with the socket.
    private(set) var heldBytes = 0
    var onWritable: (() -> Void)?
    var onShutdown: (() -> Void)?
    private(set) var onClosed: (() -> Void)?

    init(connection: InnerConnectionHandler) {
        self.connection = connection
    }

    // MARK: - The stream

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        connection.streamOpened()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        closed()
        self.context = nil
        connection.streamClosed()
    }

    func channelInactive(context: ChannelHandlerContext) {
        closed()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let content): receivedHeaders(content.headers, isLast: content.endStream)
        case .data(let content): receivedData(content.data, isLast: content.endStream)
        default: break
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if isWritable { onWritable?() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset, or the end of the connection; `channelInactive` follows in either case.
        connection.shared.logger.trace("a stream failed", metadata: ["error": "\(error)"])
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            if case .streaming = state {
                let callback = onClosed
                end()
                callback?()
            } else {
                onShutdown.take()?()
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// Sets what is called at the end; at once if that has passed already.
    func setOnClosed(_ callback: (() -> Void)?) {
        onClosed = callback
        if case .gone = state { notifyClosed() }
    }

    private func closed() {
        timer?.cancel()
        timer = nil
        if case .gone = state { return }
        let wasAnswered = if case .answered = state { true } else { false }
        dropBody()
        state = .gone
        if wasAnswered { forgetCallbacks() } else { notifyClosed() }
    }

    private func notifyClosed() {
        let callback = onClosed
        forgetCallbacks()
        callback?()
    }

    /// They hold the exchange, which holds this handler.
    private func forgetCallbacks() {
        onWritable = nil
        onShutdown = nil
        onClosed = nil
    }

    // MARK: - The request

    private func receivedHeaders(_ headers: HPACKHeaders, isLast: Bool) {
        switch state {
        case .head:
            receivedHead(headers, isLast: isLast)
        case .body(let head, let body, _) where isLast:
            deliver(head, body)
        default:
            // Trailers before the end, or behind a refusal.
            break
        }
    }

    private func receivedHead(_ headers: HPACKHeaders, isLast: Bool) {
        counters.add(.innerRequests)
        guard let method = headers.first(name: ":method"), let path = headers.first(name: ":path"),
            path.utf8.count <= limits.targetBytesMax, let target = RequestTarget(path)
        else {
            counters.add(.innerBadRequests)
            return refuse(status: 400, "the request's method or path is not understood")
        }
        if let length = headers.first(name: "content-length").flatMap({ Int($0) }), length > limits.innerBodyBytesMax {
            return refuseBody()
        }
        let head = Head(method: method, target: target, headers: headers)
        guard !isLast else { return deliver(head, ByteBuffer()) }
        state = .body(head, ByteBuffer(), BodyBudget.Share(of: connection.shared.bodies))
        startTimer(in: limits.innerBodyDeadline) { self.bodyIsLate() }
    }

    private func receivedData(_ data: IOData, isLast: Bool) {
        guard case .body(let head, var body, let share) = state, case .byteBuffer(let bytes) = data else { return }
        guard body.readableBytes + bytes.readableBytes <= limits.innerBodyBytesMax else { return refuseBody() }
        guard connection.bodyBytes + bytes.readableBytes <= limits.innerBodyBytesPerConnectionMax else {
            counters.add(.innerBodiesTooLarge)
            return refuse(status: 503, "too many request bodies at once on this connection; try again later")
        }
        guard share.grow(by: bytes.readableBytes) else {
            counters.add(.bodiesOverBudget)
            return refuse(status: 503, "too many requests at once; try again later")
        }
        state = .head  // Lets go of the body, so that appending does not copy it.
        connection.bodyBytes += bytes.readableBytes
        if body.readableBytes == 0 { body = bytes } else { body.writeImmutableBuffer(bytes) }
        state = .body(head, body, share)
        if isLast { deliver(head, body) }
    }

    private func deliver(_ head: Head, _ body: ByteBuffer) {
        guard let context else { return }
        timer?.cancel()
        timer = nil
        dropBody()
        state = .open
        let request = InnerRequest(
            method: head.method,
            path: head.target.path,
            query: head.target.query,
            headers: head.headers,
            body: body,
            peer: connection.peer
        )
        connection.router.handle(request, on: InnerExchange(stream: self, eventLoop: context.eventLoop))
    }

    /// The body is no longer this stream's.
    private func dropBody() {
        guard case .body(_, let body, _) = state else { return }
        connection.bodyBytes -= body.readableBytes
        state = .head
    }

    // MARK: - Refusals

    private func refuseBody() {
        counters.add(.innerBodiesTooLarge)
        refuse(status: 413, "the request's body may have \(limits.innerBodyBytesMax) bytes at most")
    }

    private func bodyIsLate() {
        counters.add(.innerBodyTimeouts)
        refuse(status: 408, "the request took too long to arrive")
        // It has had its time: the stream is reset as soon as the answer is on its way.
        context?.close(promise: nil)
    }

    /// Answers before the request is complete; what still comes is thrown away until the time for it is over.
    private func refuse(status: Int, _ text: String) {
        dropBody()
        state = .open
        respond(status: status, contentType: "text/plain; charset=utf-8", body: ByteBuffer(string: text + "\n"))
        startTimer(in: limits.innerBodyDeadline) { self.context?.close(promise: nil) }
    }

    // MARK: - The answer

    /// Whether anything may be written now.
    var isWritable: Bool {
        switch state {
        case .open, .streaming: context?.channel.isWritable ?? false
        case .head, .body, .answered, .gone: false
        }
    }

    func respond(status: Int, contentType: String?, body: ByteBuffer) {
        guard case .open = state, let context else { return }
        var headers: HPACKHeaders = [":status": String(status)]
        if let contentType { headers.add(name: "content-type", value: contentType) }
        headers.add(name: "content-length", value: String(body.readableBytes))
        let isEmpty = body.readableBytes == 0
        state = .answered
        context.write(wrapOutboundOut(.headers(.init(headers: headers, endStream: isEmpty))), promise: nil)
        if isEmpty { context.flush() } else { send(body, isLast: true, context: context) }
        forgetCallbacks()
    }

    func startStream(status: Int) {
        guard case .open = state, let context else { return }
        state = .streaming
        let headers: HPACKHeaders = [":status": String(status)]
        context.writeAndFlush(wrapOutboundOut(.headers(.init(headers: headers))), promise: nil)
    }

    func write(_ bytes: ByteBuffer) {
        guard case .streaming = state, let context, bytes.readableBytes > 0 else { return }
        guard heldBytes <= limits.streamHeldBytesMax else {
            counters.add(.streamsOverfull)
            return context.close(promise: nil)
        }
        send(bytes, isLast: false, context: context)
    }

    func end() {
        guard case .streaming = state, let context else { return }
        state = .answered
        let payload = HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true))
        context.writeAndFlush(wrapOutboundOut(payload), promise: nil)
        forgetCallbacks()
    }

    /// Whether nothing is to be sent any more.
    var isOver: Bool {
        switch state {
        case .answered, .gone: true
        case .head, .body, .open, .streaming: false
        }
    }

    /// The router has let the exchange go.
    func abandoned() {
        switch state {
        case .open:
            let text = "the server has no answer to this request\n"
            respond(status: 500, contentType: "text/plain; charset=utf-8", body: ByteBuffer(string: text))
        case .streaming:
            end()
        case .head, .body, .answered, .gone:
            break
        }
    }

    private func send(_ bytes: ByteBuffer, isLast: Bool, context: ChannelHandlerContext) {
        var rest = bytes
        let loop = context.eventLoop
        while let chunk = rest.readSlice(length: min(Self.chunkBytes, rest.readableBytes)), chunk.readableBytes > 0 {
            let count = chunk.readableBytes
            let ends = isLast && rest.readableBytes == 0
            heldBytes += count
            let promise = context.eventLoop.makePromise(of: Void.self)
            promise.futureResult.assumeIsolated().whenComplete { _ in
                self.heldBytes -= count
                self.lastProgress = loop.now
            }
            let payload = HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(chunk), endStream: ends))
            context.write(wrapOutboundOut(payload), promise: promise)
        }
        context.flush()
        watchForStall()
    }

    // MARK: - Time

    /// Sees to it that held bytes move; mostly nothing is held, and no timer is started.
    private func watchForStall() {
        guard heldBytes > 0, timer == nil, let context else { return }
        lastProgress = context.eventLoop.now
        startTimer(in: limits.stallDeadline) { self.checkForStall() }
    }

    private func checkForStall() {
        guard heldBytes > 0, let context else { return }
        let rest = lastProgress + limits.stallDeadline - context.eventLoop.now
        guard rest <= .nanoseconds(0) else { return startTimer(in: rest) { self.checkForStall() } }
        counters.add(.streamsStalled)
        let socketIsStuck = context.channel.parent.map { !$0.isWritable } ?? false
        context.close(promise: nil)
        // A reset cannot reach a client that does not read at all.
        if socketIsStuck { connection.abort() }
    }

    private func startTimer(in amount: TimeAmount, _ body: @escaping () -> Void) {
        timer?.cancel()
        timer = context?.eventLoop.assumeIsolated().scheduleTask(in: amount) {
            self.timer = nil
            body()
        }
    }
}
