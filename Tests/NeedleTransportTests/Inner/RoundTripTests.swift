// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK
import NeedleNoise
import NeedleTypes
import Testing

@testable import NeedleTransport

@Suite("Requests over sockets", .timeLimit(.minutes(1)))
struct RoundTripTests {
    @Test("upgrade, Noise and HTTP/2 carry a request, over TLS and without", arguments: [true, false])
    func requestRoundTrip(isSecure: Bool) async throws {
        let server = try await TestServer.start()
        let client = try await server.client(.init(isSecure: isSecure))
        let answer = try await client.request("POST", "/machine/register", body: ByteBuffer(string: "{}"))
        #expect(answer.status == 200)
        #expect(answer.text == "POST /machine/register 2 \(CapabilityVersion.current.value)")
        try await client.close()
        await server.listener.shutdown()
    }

    /// Streams from a task, away from the event loop.
    private struct TaskRouter: InnerRouter {
        let exchanges: AsyncStream<InnerExchange>.Continuation

        func handle(_ request: InnerRequest, on exchange: InnerExchange) {
            exchanges.yield(exchange)
        }
    }

    @Test("an exchange may be used from another thread, and keeps the order", arguments: 1...20)
    func fromAnotherThread(round: Int) async throws {
        let (exchanges, continuation) = AsyncStream.makeStream(of: InnerExchange.self)
        let server = try await TestServer.start(router: TaskRouter(exchanges: continuation))
        let client = try await server.client()
        let stream = try await client.open("POST", "/machine/map", body: ByteBuffer(string: "{}"))
        for await exchange in exchanges {
            exchange.startStream()
            for number in 0..<500 { exchange.write(ByteBuffer(string: "\(number) ")) }
            exchange.end()
            break
        }
        let received = try await stream.wait({ $0.hasEnded }, on: client.channel.eventLoop)
        #expect(received.text == (0..<500).map { "\($0) " }.joined())
        try await client.close()
        await server.listener.shutdown()
    }
}
