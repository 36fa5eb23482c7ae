// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import Testing

@testable import NeedleTransport

@Suite("What stays of a connection")
struct LifetimeTests {
    private final class Token {}

    /// Who closes first.
    enum Ending: CaseIterable {
        case clientResets
        case connectionCloses
        case serverEnds
        case serverShutsDown
    }

    @Test("nothing, though callbacks hold their own exchange", arguments: Ending.allCases)
    func callbacks(ending: Ending) throws {
        weak var token: Token?
        let router = RecordingRouter()
        let server = try InMemoryServer(router: router)
        let client = try InMemoryClient(server)
        let stream = try client.open("POST", "/machine/map")
        do {
            let held = Token()
            token = held
            let exchange = try #require(router.exchanges.first)
            exchange.startStream()
            exchange.onWritable = { _ = (held, exchange) }
            exchange.onClosed = { _ = (held, exchange) }
            exchange.onShutdown = { _ = (held, exchange) }
        }
        try client.pump()
        #expect(token != nil)
        switch ending {
        case .clientResets: stream.reset()
        case .connectionCloses: server.channel.close(promise: nil)
        case .serverEnds: router.exchanges.first?.end()
        case .serverShutsDown: server.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
        try client.pump()
        router.forget()
        #expect(token == nil)
    }

    @Test("no handler, once it is closed", arguments: [false, true])
    func handlers(isWebSocket: Bool) throws {
        weak var connection: InnerConnectionHandler?
        weak var noise: NoiseHandler?
        let server = try InMemoryServer()
        do {
            let client = try InMemoryClient(server, isWebSocket: isWebSocket)
            _ = try client.open("POST", "/x")
            let pipeline = server.channel.pipeline.syncOperations
            connection = try pipeline.handler(type: InnerConnectionHandler.self)
            noise = try pipeline.handler(type: NoiseHandler.self)
            #expect(connection != nil && noise != nil)
            #expect(throws: (any Error).self) { try pipeline.handler(type: FrontDoorHandler.self) }
            server.channel.close(promise: nil)
            try client.pump()
        }
        server.loop.run()
        #expect(connection == nil)
        #expect(noise == nil)
        #expect(server.ledger.halfOpenCount == 0)
    }
}
