// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import Testing

@testable import NeedleTransport

/// What leaves an inner connection, and when; without Noise, and with a client by hand.
@Suite("Output of inner connections")
struct InnerOutputTests {
    @Test("a channel that is full gets no more than the batch that filled it")
    func fullChannel() throws {
        let server = try PlainConnection(fillsAtFlush: true)
        try server.openWindow()
        let exchange = try server.start(stream: 1)
        var told = 0
        exchange.onWritable = { told += 1 }
        #expect(exchange.isWritable)
        exchange.write(ByteBuffer(repeating: 1, count: 300_000))
        let first = try server.takeFrames().filter { $0.kind == 0 }.map(\.payload.count)
        #expect(first == [16_384, 16_384, 16_384] + [15 * 4077 - 3 * 16_384 - 4 * 9])
        #expect(!exchange.isWritable)
        #expect(exchange.heldBytes == 300_000 - first.reduce(0, +))
        // Each time that there is room, one batch more; the writer hears of it when little enough waits.
        var sent = first.reduce(0, +)
        while sent < 300_000 {
            #expect(told == 0)
            server.letThrough()
            sent += try server.takeFrames().map(\.payload.count).reduce(0, +)
        }
        server.letThrough()
        #expect(told == 1)
        #expect(exchange.isWritable && exchange.heldBytes == 0)
    }

    @Test("a small message is one write, a large one few")
    func writes() throws {
        let server = try PlainConnection()
        try server.openWindow()
        let exchange = try server.start(stream: 1)
        server.writes = 0
        exchange.write(ByteBuffer(repeating: 1, count: 1500))
        #expect(server.writes == 1)
        server.writes = 0
        exchange.write(ByteBuffer(repeating: 1, count: 300_000))
        // A head and a payload for each of 20 frames.
        #expect(server.writes == 40)
    }

    @Test("answers to all requests of one read leave together")
    func together() throws {
        let server = try PlainConnection(router: EchoRouter())
        server.writes = 0
        let requests = [1, 3, 5, 7].map { HTTP2TestFrame.headers($0, HTTP2TestBlock.get, ends: true) }
        server.receive(requests)
        #expect(server.writes == 1)
        #expect(try server.takeFrames().map(\.kind) == [1, 1, 1, 1, 0, 0, 0, 0])
    }

    @Test("a writer that is told that it may writes on, in the middle of it")
    func writesInCallback() throws {
        let server = try PlainConnection(settings: [(4, 0)])
        let exchange = try server.start(stream: 1)
        var count = 0
        exchange.onWritable = {
            count += 1
            exchange.write(ByteBuffer(repeating: 1, count: 10))
        }
        for _ in 0..<5 { server.receive([.windowUpdate(1, 10)]) }
        #expect(count == 5)
        #expect(try server.takeFrames().filter { $0.kind == 0 }.count == 5)
        exchange.onWritable = nil
    }

    @Test("streams of one connection take turns")
    func turns() throws {
        let server = try PlainConnection(fillsAtFlush: true)
        try server.openWindow()
        let exchanges = try [1, 3].map { try server.start(stream: $0) }
        for exchange in exchanges { exchange.write(ByteBuffer(repeating: 1, count: 200_000)) }
        server.letThrough()
        #expect(Set(try server.takeFrames().map(\.stream)) == [1, 3])
    }

    @Test("a client that reads nothing cannot make us hold answers for it without end")
    func unreadAnswers() throws {
        var limits = TransportLimits()
        limits.controlFramesMax = 10_000
        limits.controlFramesHeldMax = 50
        let server = try PlainConnection(limits: limits)
        server.channel.isWritable = false
        server.channel.pipeline.fireChannelWritabilityChanged()
        for _ in 0..<50 { server.receive([.ping()]) }
        #expect(server.channel.isActive)
        #expect(try server.takeFrames().isEmpty)
        server.receive([.ping()])
        #expect(!server.channel.isActive)
        #expect(try server.takeFrames().last?.kind == 7)
    }

    @Test("at shutdown GOAWAY first refuses nothing, and at the end says what was answered")
    func goAways() throws {
        let server = try PlainConnection()
        let exchange = try server.start(stream: 1)
        exchange.onShutdown = {}
        server.receive([.headers(3, HTTP2TestBlock.post)])
        server.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        var frames = try server.takeFrames().filter { $0.kind == 7 }
        #expect(frames.map { Array($0.payload.prefix(4)) } == [[0x7f, 0xff, 0xff, 0xff]])
        server.receive([.data(3, "", ends: true)])
        server.router.exchanges.last?.respond(status: 200)
        server.loop.run()
        frames = try server.takeFrames().filter { $0.kind == 7 }
        #expect(frames.map { Array($0.payload.prefix(4)) } == [[0, 0, 0, 3]])
        #expect(!server.channel.isActive)
    }

    @Test("a request that crosses our goodbye is not answered")
    func crossing() throws {
        let server = try PlainConnection()
        server.holdsWrites = true
        server.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        server.receive([.headers(1, HTTP2TestBlock.get, ends: true)])
        #expect(server.router.requests.isEmpty)
    }
}
