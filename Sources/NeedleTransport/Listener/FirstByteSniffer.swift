// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore

/// Tells TLS from plain HTTP by a connection's first byte, and builds the rest of the pipeline accordingly.
///
/// A TLS record of type *handshake* starts with 0x16, which no HTTP method does. The handler keeps no bytes: it adds
/// what follows, passes the bytes on, and leaves.
///
/// - Source: RFC 8446 section 5.1.
final class FirstByteSniffer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// What the first byte says.
    enum Kind {
        case tls
        case plain
    }

    /// The content type of TLS handshake records.
    private static let tlsHandshake: UInt8 = 0x16

    private let deadline: TimeAmount
    private let expired: () -> Void
    private let found: (Kind, any Channel) throws -> Void
    private var timer: Scheduled<Void>?
    private var decided = false

    /// Waits for `deadline` at most, then calls `expired` and closes.
    ///
    /// - Parameters:
    ///   - deadline: How long the first byte may take.
    ///   - expired: Told before a connection is closed because nothing came.
    ///   - found: Adds handlers to the end of the pipeline.
    init(
        deadline: TimeAmount,
        expired: @escaping () -> Void,
        found: @escaping (Kind, any Channel) throws -> Void
    ) {
        self.deadline = deadline
        self.expired = expired
        self.found = found
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: deadline) {
            self.expired()
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
    }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !decided else { return context.fireChannelRead(data) }
        let bytes = unwrapInboundIn(data)
        guard let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else { return }
        decided = true
        timer?.cancel()
        do {
            try found(first == Self.tlsHandshake ? .tls : .plain, context.channel)
        } catch {
            context.fireErrorCaught(error)
            return context.close(promise: nil)
        }
        context.fireChannelRead(data)
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, !decided {
            return context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }
}
