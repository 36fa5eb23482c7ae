// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK

/// One HTTP/2 stream: collects the request, hands it to the router, and sends what its ``InnerExchange`` is told.
///
/// ```
/// body ──END_STREAM──▶ open ──startStream──▶ streaming ──end──▶ answered
///   │                    └──────respond──────────────────────▶     │
///   ├──refusal (408, 413, 503): the rest is thrown away──────▶ answered
///   └──── RST_STREAM, connection gone ──▶ gone ◀───────────────────┘
/// ```
///
/// A stream stays `answered` until both sides have ended it.
final class InnerStream {
    private enum State {
        case head
        case body(InnerRequestCollector)
        case open
        case streaming
        case answered
        case gone
    }

    let id: UInt32
    private let connection: InnerConnectionHandler
    private var limits: TransportLimits { connection.shared.limits }
    private var counters: TransportCounters { connection.shared.counters }
    private var state = State.head
    private var timer: Scheduled<Void>?
    /// When bytes of this stream last left for the socket.
    var lastProgress = NIODeadline.uptimeNanoseconds(0)
    private var hadRoom = true

    var onWritable: (() -> Void)?
    var onShutdown: (() -> Void)?
    private(set) var onClosed: (() -> Void)?

    init(id: UInt32, connection: InnerConnectionHandler) {
        self.id = id
        self.connection = connection
    }

    // MARK: - The stream

    /// Looks whether there is room for more, and tells the writer if there is again.
    ///
    /// - Returns: whether the writer was told.
    func noticeRoom() -> Bool {
        let hasRoom = connection.hasRoom(id)
        defer { hadRoom = hasRoom }
        guard hasRoom, !hadRoom, isWritable, let onWritable else { return false }
        hadRoom = true
        onWritable()
        return true
    }

    /// The server is shutting down.
    func quiesce() {
        if case .streaming = state {
            let callback = onClosed
            end()
            callback?()
        } else {
            onShutdown.take()?()
        }
    }

    /// Sets what is called at the end; at once if that has passed already.
    func setOnClosed(_ callback: (() -> Void)?) {
        onClosed = callback
        if case .gone = state { notifyClosed() }
    }

    /// The stream is over, in good order or not.
    func closed() {
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

    /// They hold the exchange, which holds this stream.
    private func forgetCallbacks() {
        onWritable = nil
        onShutdown = nil
        onClosed = nil
    }

    // MARK: - The request

    func receivedHead(_ fields: HPACKHeaders, isLast: Bool) {
        counters.add(.innerRequests)
        guard let method = fields.first(name: ":method"), let path = fields.first(name: ":path"),
            path.utf8.count <= limits.targetBytesMax, let target = RequestTarget(path)
        else {
            counters.add(.innerBadRequests)
            return refuse(status: 400, "the request's method or path is not understood")
        }
        if let length = fields.first(name: "content-length").flatMap({ Int($0) }), length > limits.innerBodyBytesMax {
            return refuseBody()
        }
        let share = BodyBudget.Share(of: connection.shared.bodies)
        let request = InnerRequestCollector(method: method, target: target, headers: fields, share: share)
        guard !isLast else { return deliver(request) }
        state = .body(request)
        startTimer(in: limits.innerBodyDeadline) { self.bodyIsLate() }
    }

    func receivedBody(_ bytes: ByteBuffer, isLast: Bool) {
        // Behind a refusal nobody wants it.
        guard case .body(let request) = state else { return }
        guard request.body.readableBytes + bytes.readableBytes <= limits.innerBodyBytesMax else { return refuseBody() }
        guard connection.bodyBytes + bytes.readableBytes <= limits.innerBodyBytesPerConnectionMax else {
            counters.add(.innerBodiesTooLarge)
            return refuse(status: 503, "too many request bodies at once on this connection; try again later")
        }
        guard request.append(bytes) else {
            counters.add(.bodiesOverBudget)
            return refuse(status: 503, "too many requests at once; try again later")
        }
        connection.bodyBytes += bytes.readableBytes
        if isLast { deliver(request) }
    }

    private func deliver(_ request: InnerRequestCollector) {
        guard let eventLoop = connection.context?.eventLoop else { return }
        timer?.cancel()
        timer = nil
        dropBody()
        state = .open
        let exchange = InnerExchange(stream: self, eventLoop: eventLoop)
        connection.router.handle(request.request(by: connection.peer), on: exchange)
    }

    /// The body is no longer this stream's.
    private func dropBody() {
        guard case .body(let request) = state else { return }
        connection.bodyBytes -= request.body.readableBytes
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
        connection.reset(id, .noError)
    }

    /// Answers before the request is complete; what still comes is thrown away until the time for it is over.
    private func refuse(status: Int, _ text: String) {
        dropBody()
        state = .open
        respond(status: status, contentType: "text/plain; charset=utf-8", body: ByteBuffer(string: text + "\n"))
        startTimer(in: limits.innerBodyDeadline) { self.connection.reset(self.id, .noError) }
    }

    // MARK: - The answer

    /// Whether anything may be written now.
    var isWritable: Bool {
        switch state {
        case .open, .streaming: connection.hasRoom(id)
        case .head, .body, .answered, .gone: false
        }
    }

    /// Written, but not yet with the socket.
    var heldBytes: Int { connection.heldBytes(id) }

    /// Whether nothing is to be sent any more.
    var isOver: Bool {
        switch state {
        case .answered, .gone: true
        case .head, .body, .open, .streaming: false
        }
    }

    func respond(status: Int, contentType: String?, body: ByteBuffer) {
        guard case .open = state else { return }
        state = .answered
        // RFC 9110, section 8.6: an answer that never has a body says no length.
        let length = status == 204 ? nil : body.readableBytes
        let head = HTTP2ResponseHead(status: status, contentType: contentType, contentLength: length)
        let isEmpty = body.readableBytes == 0
        connection.machine.sendHead(head, ends: isEmpty, stream: id)
        if !isEmpty { connection.machine.sendBody(body, ends: true, stream: id) }
        forgetCallbacks()
        connection.pump()
        watchForStall()
    }

    func startStream(status: Int) {
        guard case .open = state else { return }
        state = .streaming
        connection.machine.sendHead(HTTP2ResponseHead(status: status), ends: false, stream: id)
        connection.pump()
    }

    func write(_ pieces: [ByteBuffer]) {
        guard case .streaming = state, pieces.contains(where: { $0.readableBytes > 0 }) else { return }
        guard heldBytes <= limits.streamHeldBytesMax else {
            counters.add(.streamsOverfull)
            return connection.reset(id, .cancel)
        }
        for bytes in pieces { connection.machine.sendBody(bytes, ends: false, stream: id) }
        connection.pump()
        watchForStall()
    }

    func end() {
        guard case .streaming = state else { return }
        state = .answered
        connection.machine.sendBody(ByteBuffer(), ends: true, stream: id)
        forgetCallbacks()
        connection.pump()
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

    // MARK: - Time

    /// Sees to it that held bytes move; mostly nothing is held, and no timer is started.
    private func watchForStall() {
        guard timer == nil, heldBytes > 0, let context = connection.context else { return }
        lastProgress = context.eventLoop.now
        startTimer(in: limits.stallDeadline) { self.checkForStall() }
    }

    private func checkForStall() {
        guard heldBytes > 0, let context = connection.context else { return }
        let rest = lastProgress + limits.stallDeadline - context.eventLoop.now
        guard rest <= .nanoseconds(0) else { return startTimer(in: rest) { self.checkForStall() } }
        counters.add(.streamsStalled)
        let socketIsStuck = !context.channel.isWritable
        connection.reset(id, .cancel)
        // A reset cannot reach a client that does not read at all.
        if socketIsStuck { connection.abort() }
    }

    private func startTimer(in amount: TimeAmount, _ body: @escaping () -> Void) {
        timer?.cancel()
        timer = nil
        if case .gone = state { return }
        timer = connection.context?.eventLoop.assumeIsolated().scheduleTask(in: amount) {
            self.timer = nil
            body()
        }
    }
}
