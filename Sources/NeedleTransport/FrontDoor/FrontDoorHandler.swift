// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Logging
import NIOCore
import NIOHTTP1
import NIOSSL

/// Serves HTTP/1.1 on one connection until it is upgraded or closed.
///
/// `HTTPServerPipelineHandler` stands before it, so requests come one at a time, each after the answer to the last.
///
/// ```
/// waiting ──head──▶ receiving ──end──▶ answering ──sent──▶ waiting
///    │                  │ refused                │ close asked for
///    │                  ▼                        ▼
///    │              draining ──end/limit──▶   closed
///    └──head of an upgrade──▶ upgrading ──▶ handler leaves
/// ```
final class FrontDoorHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    enum State {
        case waiting
        case receiving(Receiving)
        case answering(isHead: Bool, keepAlive: Bool)
        /// Refused before its end: the rest is read and thrown away, up to a limit, so that the refusal arrives.
        case draining(Draining)
        /// The request is an upgrade that was accepted; its end is awaited.
        case upgrading(AcceptedUpgrade)
        case closed
    }

    /// A request whose body is arriving.
    struct Receiving {
        let head: HTTPRequestHead
        let target: RequestTarget
        let bodyBytesMax: Int
        let share: BodyBudget.Share
        var body = ByteBuffer()
    }

    /// The rest of a refused request.
    struct Draining {
        var bytes = 0
        var ended = false
        var sent = false
    }

    let shared: FrontDoorContext
    let origin: ConnectionOrigin
    var state = State.waiting
    private var timer: Scheduled<Void>?

    init(shared: FrontDoorContext, origin: ConnectionOrigin) {
        self.shared = shared
        self.origin = origin
    }

    // MARK: - Events

    func handlerAdded(context: ChannelHandlerContext) {
        startTimer(shared.limits.firstRequestDeadline, counting: .firstRequestTimeouts, context: context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        state = .closed
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): receivedHead(head, context: context)
        case .body(let bytes): receivedBody(bytes, context: context)
        case .end: receivedEnd(context: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            let isTLS = error is NIOSSLError || error is BoringSSLError
            if isTLS, error as? NIOSSLError != .uncleanShutdown { shared.counters.add(.tlsFailures) }
            shared.logger.debug("connection failed", metadata: ["error": "\(error)"])
            close(context: context)
            return
        }
        switch state {
        case .waiting where error == .invalidEOFState, .receiving where error == .invalidEOFState:
            // The client has left in the middle of a request.
            close(context: context)
        case .waiting, .receiving:
            let tooLarge = error == .headerOverflow
            shared.counters.add(tooLarge ? .headersTooLarge : .badRequests)
            let answer: FrontDoorResponse =
                tooLarge
                ? .text(.requestHeaderFieldsTooLarge, "the request's header is too large")
                : .text(.badRequest, "this is not an HTTP/1.1 request")
            send(answer, isHead: false, keepAlive: false, context: context)
        case .answering, .draining, .upgrading, .closed:
            close(context: context)
        }
    }

    // MARK: - Requests

    private func receivedHead(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        // Behind an answer that closes the connection, pipelined requests are not looked at.
        guard case .waiting = state else { return }
        shared.counters.add(.requests)
        guard head.uri.utf8.count <= shared.limits.targetBytesMax else {
            shared.counters.add(.headersTooLarge)
            return refuse(.text(.uriTooLong, "the request's target is too long"), context: context)
        }
        guard let target = RequestTarget(head.uri) else {
            shared.counters.add(.badRequests)
            return refuse(.text(.badRequest, "the request's target is not understood"), context: context)
        }
        if let upgrade = UpgradeRequest(head: head, target: target) {
            return receivedUpgrade(upgrade, head: head, context: context)
        }
        let limit = shared.routes.bodyBytesMax(method: head.method, path: target.path) ?? shared.limits.bodyBytesMax
        if let length = head.headers.first(name: "Content-Length").flatMap({ Int($0) }), length > limit {
            return refuseBody(limit: limit, context: context)
        }
        let share = BodyBudget.Share(of: shared.bodies)
        state = .receiving(Receiving(head: head, target: target, bodyBytesMax: limit, share: share))
        startTimer(shared.limits.bodyDeadline, counting: .bodyTimeouts, context: context)
        if head.headers.first(name: "Expect")?.lowercased() == "100-continue" {
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))),
                promise: nil
            )
        }
    }

    private func receivedBody(_ bytes: ByteBuffer, context: ChannelHandlerContext) {
        switch state {
        case .receiving(var receiving):
            guard receiving.body.readableBytes + bytes.readableBytes <= receiving.bodyBytesMax else {
                return refuseBody(limit: receiving.bodyBytesMax, context: context)
            }
            guard receiving.share.grow(by: bytes.readableBytes) else {
                shared.counters.add(.bodiesOverBudget)
                return refuse(
                    .text(.serviceUnavailable, "too many requests at once; try again later"),
                    context: context
                )
            }
            state = .waiting  // Lets go of the body, so that appending does not copy it.
            if receiving.body.readableBytes == 0 {
                receiving.body = bytes
            } else {
                receiving.body.writeImmutableBuffer(bytes)
            }
            state = .receiving(receiving)
        case .draining(var draining):
            draining.bytes += bytes.readableBytes
            guard draining.bytes <= shared.limits.drainBytesMax else { return close(context: context) }
            state = .draining(draining)
        case .waiting, .answering, .upgrading, .closed:
            // An upgrade has no body; whatever claims to be one is dropped.
            break
        }
    }

    private func receivedEnd(context: ChannelHandlerContext) {
        switch state {
        case .receiving(let receiving):
            answer(receiving, context: context)
        case .upgrading(let upgrade):
            perform(upgrade, context: context)
        case .draining(var draining):
            draining.ended = true
            drained(draining, context: context)
        case .waiting, .answering, .closed:
            break
        }
    }

    private func answer(_ receiving: Receiving, context: ChannelHandlerContext) {
        let isHead = receiving.head.method == .HEAD
        // The parser stops behind a request that could have been an upgrade.
        let keepAlive = receiving.head.isKeepAlive && !UpgradeRequest.couldUpgrade(receiving.head)
        state = .answering(isHead: isHead, keepAlive: keepAlive)
        timer?.cancel()
        let request = FrontDoorRequest(
            method: receiving.head.method,
            path: receiving.target.path,
            query: receiving.target.query,
            headers: receiving.head.headers,
            body: receiving.body,
            remote: origin.remote,
            isSecure: origin.isSecure,
            eventLoop: context.eventLoop
        )
        switch shared.routes.respond(to: request) {
        case .now(let response):
            send(response, isHead: isHead, keepAlive: keepAlive, context: context)
        case .later(let future):
            future.hop(to: context.eventLoop).assumeIsolated().whenComplete { result in
                guard case .answering = self.state else { return }
                let response = self.response(for: result)
                self.send(response, isHead: isHead, keepAlive: keepAlive, context: context)
            }
        }
    }

    private func response(for result: Result<FrontDoorResponse, any Error>) -> FrontDoorResponse {
        switch result {
        case .success(let response):
            return response
        case .failure(let error):
            shared.logger.error("a route failed", metadata: ["error": "\(error)"])
            return .text(.internalServerError, "the server could not answer; its log says why")
        }
    }

    // MARK: - Answers

    /// Answers before the request's end and closes the connection afterwards.
    func refuse(_ response: FrontDoorResponse, context: ChannelHandlerContext) {
        state = .draining(Draining())
        startTimer(shared.limits.drainDeadline, counting: nil, context: context)
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { _ in
            guard case .draining(var draining) = self.state else { return }
            draining.sent = true
            self.drained(draining, context: context)
        }
        write(response, isHead: false, keepAlive: false, promise: sent, context: context)
    }

    private func drained(_ draining: Draining, context: ChannelHandlerContext) {
        state = .draining(draining)
        if draining.sent, draining.ended { close(context: context) }
    }

    private func refuseBody(limit: Int, context: ChannelHandlerContext) {
        shared.counters.add(.bodiesTooLarge)
        refuse(.text(.payloadTooLarge, "the request's body may have \(limit) bytes at most"), context: context)
    }

    private func send(
        _ response: FrontDoorResponse,
        isHead: Bool,
        keepAlive: Bool,
        context: ChannelHandlerContext
    ) {
        startTimer(shared.limits.responseDeadline, counting: .responseTimeouts, context: context)
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { result in
            guard case .success = result, keepAlive else { return self.close(context: context) }
            // The next request may have begun while this answer was on its way out.
            if case .waiting = self.state {
                self.startTimer(self.shared.limits.keepAliveIdle, counting: .idleTimeouts, context: context)
            }
        }
        state = keepAlive ? .waiting : .closed
        write(response, isHead: isHead, keepAlive: keepAlive, promise: sent, context: context)
    }

    private func write(
        _ response: FrontDoorResponse,
        isHead: Bool,
        keepAlive: Bool,
        promise: EventLoopPromise<Void>?,
        context: ChannelHandlerContext
    ) {
        let response = response.isSendable ? response : .text(.internalServerError, "a header field has a line break")
        context.write(wrapOutboundOut(.head(response.head(keepAlive: keepAlive))), promise: nil)
        if !isHead, response.body.readableBytes > 0 {
            context.write(wrapOutboundOut(.body(.byteBuffer(response.body))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    }

    // MARK: - Time and end

    /// Closes the connection unless something else happens within `amount`.
    func startTimer(_ amount: TimeAmount, counting counter: TransportCounter?, context: ChannelHandlerContext) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: amount) {
            if let counter { self.shared.counters.add(counter) }
            self.deadlinePassed(context: context)
        }
    }

    private func deadlinePassed(context: ChannelHandlerContext) {
        guard case .receiving = state else { return close(context: context) }
        refuse(.text(.requestTimeout, "the request took too long to arrive"), context: context)
    }

    func close(context: ChannelHandlerContext) {
        timer?.cancel()
        state = .closed
        context.close(promise: nil)
    }
}
