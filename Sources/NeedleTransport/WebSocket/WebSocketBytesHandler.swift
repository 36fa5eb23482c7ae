// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOWebSocket

/// Makes a stream of bytes of binary WebSocket messages, in both directions.
///
/// Where messages begin and end means nothing; what is inside has its own framing.
///
/// - Source: RFC 6455; reference: protocol, sections 1.2 and 5.1.
final class WebSocketBytesHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = WebSocketFrame

    private let counters: TransportCounters
    private var inMessage = false
    private var closeSent = false
    /// What a close that nobody gave a reason for says.
    private var closeCode = WebSocketErrorCode.goingAway

    init(counters: TransportCounters) {
        self.counters = counters
    }

    // MARK: - Inwards

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !closeSent else { return }
        let frame = unwrapInboundIn(data)
        guard frame.maskKey != nil, frame.reservedBits.isEmpty else { return fail(.protocolError, context: context) }
        switch frame.opcode {
        case .binary where !inMessage, .continuation where inMessage:
            inMessage = !frame.fin
            let bytes = frame.unmaskedData
            if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(bytes)) }
        case .text where !inMessage:
            fail(.unacceptableData, context: context)
        case .ping where frame.fin:
            pong(frame.unmaskedData, context: context)
        case .pong where frame.fin:
            break
        case .connectionClose:
            sendClose(.normalClosure, context: context)
            context.close(promise: nil)
        default:
            fail(.protocolError, context: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: fail(.messageTooLarge, context: context)
        case is NIOWebSocketError: fail(.protocolError, context: context)
        default: context.fireErrorCaught(error)
        }
    }

    // MARK: - Outwards

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !closeSent else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        let frame = WebSocketFrame(fin: true, opcode: .binary, data: unwrapOutboundIn(data))
        context.write(wrapOutboundOut(frame), promise: promise)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is TransportViolation else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        closeCode = .policyViolation
        promise?.succeed()
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        sendClose(closeCode, context: context)
        context.close(mode: mode, promise: promise)
    }

    // MARK: - Control frames

    /// Answers a ping, unless the client does not read: then answers would pile up.
    private func pong(_ bytes: ByteBuffer, context: ChannelHandlerContext) {
        guard context.channel.isWritable else { return }
        let frame = WebSocketFrame(fin: true, opcode: .pong, data: bytes)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }

    private func fail(_ code: WebSocketErrorCode, context: ChannelHandlerContext) {
        counters.add(.webSocketViolations)
        sendClose(code, context: context)
        context.close(promise: nil)
    }

    private func sendClose(_ code: WebSocketErrorCode, context: ChannelHandlerContext) {
        guard !closeSent else { return }
        closeSent = true
        var reason = ByteBuffer()
        reason.write(webSocketErrorCode: code)
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: reason)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}
