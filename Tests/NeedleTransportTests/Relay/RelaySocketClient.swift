// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOPosix
import NeedleTypes
import NeedleWire

/// A client on a real socket.
final class RelaySocketClient {
    private final class Reader: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let continuation: AsyncStream<ByteBuffer>.Continuation

        init(_ continuation: AsyncStream<ByteBuffer>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(unwrapInboundIn(data))
        }

        func channelInactive(context: ChannelHandlerContext) {
            continuation.finish()
        }
    }

    let channel: any Channel
    var client: RelayTestClient
    private var buffers: AsyncStream<ByteBuffer>.Iterator
    private var waiting: [RelayTestClient.Received] = []

    private init(channel: any Channel, client: RelayTestClient, buffers: AsyncStream<ByteBuffer>) {
        self.channel = channel
        self.client = client
        self.buffers = buffers.makeAsyncIterator()
    }

    /// Connects and logs in as client `number`.
    static func connect(
        _ number: Int,
        to address: SocketAddress,
        on group: any EventLoopGroup
    ) async throws -> RelaySocketClient {
        let (buffers, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Reader(continuation))
                }
            }
            .connect(to: address).get()
        let client = RelaySocketClient(
            channel: channel,
            client: try RelayTestClient(number: number),
            buffers: buffers
        )
        guard case .serverKey(let server) = try await client.next() else { throw DERPError.badMagic }
        try await client.send(client.client.login(sealedFor: server))
        guard let answer = try await client.next(), try client.client.version(in: answer, from: server) == 2 else {
            throw DERPError.unexpected(.serverInfo)
        }
        return client
    }

    func send(_ buffer: ByteBuffer) async throws {
        try await channel.writeAndFlush(buffer)
    }

    func send(_ bytes: [UInt8], to other: RelaySocketClient) async throws {
        try await send(RelayTestClient.packet(bytes, to: other.client.key))
    }

    /// The next message, or nothing when the server has closed.
    func next() async throws -> RelayTestClient.Received? {
        while waiting.isEmpty {
            guard let buffer = await buffers.next() else { return nil }
            waiting += try client.receive(buffer)
        }
        return waiting.removeFirst()
    }
}
