// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK
import NIOHTTP2
import Synchronization

/// What a client has received on one HTTP/2 stream, readable from anywhere.
final class ClientStream: Sendable {
    /// The state of the answer.
    struct Received: Sendable {
        var headers: HPACKHeaders?
        var body: [UInt8] = []
        var hasEnded = false
        var isClosed = false
        var error: (any Error)?

        var status: Int? { headers?.first(name: ":status").flatMap { Int($0) } }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    private struct State {
        var received = Received()
        var waiters: [(@Sendable (Received) -> Bool, EventLoopPromise<Received>)] = []
    }

    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)

    /// What has come so far.
    var received: Received { state.withLock { $0.received } }

    /// Waits until what has come satisfies `condition`, or the stream is closed.
    func wait(_ condition: @escaping @Sendable (Received) -> Bool, on loop: any EventLoop) async throws -> Received {
        let promise = loop.makePromise(of: Received.self)
        let now = state.withLock { state -> Received? in
            if condition(state.received) || state.received.isClosed { return state.received }
            state.waiters.append((condition, promise))
            return nil
        }
        if let now { promise.succeed(now) }
        return try await promise.futureResult.get()
    }

    /// Ends the stream with RST_STREAM.
    func reset() {
        channel.withLock { $0 }?.close(promise: nil)
    }

    func opened(_ channel: any Channel) {
        self.channel.withLock { $0 = channel }
    }

    func update(_ change: (inout Received) -> Void) {
        let ready = state.withLock { state -> [(EventLoopPromise<Received>, Received)] in
            change(&state.received)
            let received = state.received
            let ready = state.waiters.filter { $0.0(received) || received.isClosed }
            state.waiters.removeAll { $0.0(received) || received.isClosed }
            return ready.map { ($0.1, received) }
        }
        for (promise, received) in ready { promise.succeed(received) }
    }
}

/// Sends one request and collects the answer.
final class ClientStreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let headers: HPACKHeaders
    private let body: ByteBuffer?
    private let ends: Bool
    private let stream: ClientStream

    init(headers: HPACKHeaders, body: ByteBuffer?, ends: Bool = true, stream: ClientStream) {
        self.headers = headers
        self.body = body
        self.ends = ends
        self.stream = stream
    }

    func channelActive(context: ChannelHandlerContext) {
        stream.opened(context.channel)
        let isOnlyHead = body == nil && ends
        context.write(wrapOutboundOut(.headers(.init(headers: headers, endStream: isOnlyHead))), promise: nil)
        if let body {
            context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(body), endStream: ends))), promise: nil)
        }
        context.flush()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let content):
            stream.update { received in
                if received.headers == nil { received.headers = content.headers }
                if content.endStream { received.hasEnded = true }
            }
        case .data(let content):
            guard case .byteBuffer(let bytes) = content.data else { return }
            stream.update { received in
                received.body += bytes.readableBytesView
                if content.endStream { received.hasEnded = true }
            }
        default: break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        stream.update { $0.error = error }
    }

    func channelInactive(context: ChannelHandlerContext) {
        stream.update { $0.isClosed = true }
        context.fireChannelInactive()
    }
}
