// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOPosix
import NeedleTransport
import NeedleTypes
import NeedleWire
import Testing

@Suite(.timeLimit(.minutes(1))) struct STUNServerTests {
    /// Datagrams in and out of one socket.
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = AddressedEnvelope<ByteBuffer>
        let continuation: AsyncStream<[UInt8]>.Continuation

        init(_ continuation: AsyncStream<[UInt8]>.Continuation) {
            self.continuation = continuation
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(Array(unwrapInboundIn(data).data.readableBytesView))
        }
    }

    private func socket(
        on group: any EventLoopGroup,
        _ host: String
    ) async throws -> (any Channel, AsyncStream<[UInt8]>) {
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self, bufferingPolicy: .bufferingNewest(16))
        let channel = try await DatagramBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
                }
            }
            .bind(host: host, port: 0).get()
        return (channel, stream)
    }

    @Test("tells a client its address, and nobody else anything", arguments: ["127.0.0.1", "::1"])
    func answers(host: String) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let address = try #require(IPAddress(text: host))
        let server = try await STUNServer.start(on: Endpoint(address: address, port: 0), group: group)
        #expect(server.boundEndpoint.port != 0)
        let (channel, datagrams) = try await socket(on: group, host)
        let destination = try SocketAddress(ipAddress: host, port: Int(server.boundEndpoint.port))

        let transaction = try #require(STUNTransactionID(bytes: Array(UInt8(1)...12)))
        let request = STUNBindingRequest(transaction: transaction)
        // The server reads in order, so once the request is answered, what came before was ignored.
        let junk = [Array(request.datagram.dropLast()), [], [0], Array(repeating: 0xff, count: 1_400)]
        for datagram in junk + [request.datagram] {
            try await channel.writeAndFlush(
                AddressedEnvelope(remoteAddress: destination, data: ByteBuffer(bytes: datagram))
            )
        }
        var iterator = datagrams.makeAsyncIterator()
        let answer = try #require(await iterator.next())
        let response = try #require(STUNBindingResponse(datagram: answer))
        #expect(response.transaction == transaction)
        #expect(response.source == Endpoint(address: address, port: UInt16(channel.localAddress?.port ?? 0)))
        let counters = server.counters
        #expect(counters.ignored == 4)
        #expect(counters.answeredV4 + counters.answeredV6 == 1)
        #expect(counters.dropped == 0)

        await server.stop()
        await server.stop()
        try await channel.close()
    }

    @Test("a port that is taken is an error")
    func taken() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let loopback = try #require(IPAddress(text: "127.0.0.1"))
        let first = try await STUNServer.start(on: Endpoint(address: loopback, port: 0), group: group)
        await #expect(throws: (any Error).self) {
            try await STUNServer.start(on: first.boundEndpoint, group: group)
        }
        await first.stop()
    }
}
