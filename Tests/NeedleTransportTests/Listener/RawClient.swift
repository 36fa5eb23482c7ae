// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOPosix
import NIOSSL
import NeedleTypes
import Synchronization

@testable import NeedleTransport

/// A client that sends bytes and collects what comes back until the server closes.
final class RawClient: Sendable {
    let channel: any Channel
    private let received: EventLoopFuture<ByteBuffer>

    private init(channel: any Channel, received: EventLoopFuture<ByteBuffer>) {
        self.channel = channel
        self.received = received
    }

    /// Connects, with TLS if a handler for it is made.
    static func connect(
        to server: Endpoint,
        tls: (@Sendable () throws -> NIOSSLClientHandler)? = nil
    ) async throws -> RawClient {
        let group = MultiThreadedEventLoopGroup.singleton
        let received = group.next().makePromise(of: ByteBuffer.self)
        let bootstrap = ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(tls()) }
                    try channel.pipeline.syncOperations.addHandler(Collector(received: received))
                }
            }
        do {
            let channel = try await bootstrap.connect(host: "\(server.address)", port: Int(server.port)).get()
            return RawClient(channel: channel, received: received.futureResult)
        } catch {
            received.fail(error)
            throw error
        }
    }

    /// Sends and waits for the end.
    func exchange(_ text: String) async throws -> String {
        try? await channel.writeAndFlush(ByteBuffer(string: text)).get()
        return String(buffer: try await received.get())
    }

    /// Waits for the end.
    func all() async throws -> [UInt8] {
        Array(try await received.get().readableBytesView)
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let received: EventLoopPromise<ByteBuffer>
        private var bytes = ByteBuffer()
        private var error: (any Error)?

        init(received: EventLoopPromise<ByteBuffer>) {
            self.received = received
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes.writeImmutableBuffer(unwrapInboundIn(data))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            if bytes.readableBytes == 0 { self.error = error }
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            if let error { received.fail(error) } else { received.succeed(bytes) }
        }
    }
}
