// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import Testing

@testable import NeedleTransport

@Suite("Streaming answers")
struct InnerStreamTests {
    /// A connection with one stream that has been started.
    private struct Started {
        let server: InMemoryServer
        let client: InMemoryClient
        let stream: ClientStream
        let exchange: InnerExchange
        let router: RecordingRouter

        init(limits: TransportLimits = TransportLimits(), windowBytes: Int = 65_535) throws {
            router = RecordingRouter()
            server = try InMemoryServer(router: router, limits: limits)
            client = try InMemoryClient(server, windowBytes: windowBytes)
            stream = try client.open("POST", "/machine/map", body: ByteBuffer(string: "{}"))
            exchange = try #require(router.exchanges.first)
            exchange.startStream()
            try client.pump()
            router.forget()
        }
    }

    @Test("every piece arrives when it is written, and the end when it is said")
    func pieces() throws {
        let started = try Started()
        #expect(started.stream.received.status == 200)
        for text in ["a", "bc", "def"] {
            started.exchange.write(ByteBuffer(string: text))
            try started.client.pump()
        }
        #expect(started.stream.received.text == "abcdef")
        #expect(!started.stream.received.hasEnded)
        started.exchange.end()
        started.exchange.write(ByteBuffer(string: "late"))
        try started.client.pump()
        #expect(started.stream.received.hasEnded)
        #expect(started.stream.received.text == "abcdef")
    }

    @Test("a reset by the client is told once")
    func reset() throws {
        let started = try Started()
        var closed = 0
        started.exchange.onClosed = { closed += 1 }
        started.stream.reset()
        try started.client.pump()
        #expect(closed == 1)
        #expect(!started.exchange.isWritable)
        started.exchange.write(ByteBuffer(string: "x"))
        started.exchange.end()
        try started.client.pump()
        #expect(closed == 1)
        #expect(started.server.isOpen)
    }

    @Test("the end of the connection is told to its streams")
    func connectionGone() throws {
        let started = try Started()
        var closed = 0
        started.exchange.onClosed = { closed += 1 }
        started.server.channel.close(promise: nil)
        started.server.loop.run()
        #expect(closed == 1)
        var late = 0
        started.exchange.onClosed = { late += 1 }
        #expect(late == 1)
    }

    @Test("an answer that was ended is not told to be closed")
    func endIsNotClosed() throws {
        let started = try Started()
        var closed = 0
        started.exchange.onClosed = { closed += 1 }
        started.exchange.end()
        try started.client.pump()
        #expect(closed == 0)
    }

    @Test("a client's window makes the stream unwritable, and opening it writable again")
    func flowControl() throws {
        let started = try Started(windowBytes: 1000)
        var writable = 0
        started.exchange.onWritable = { writable += 1 }
        #expect(started.exchange.isWritable)
        // The test's client opens its window as bytes are pumped; nothing is pumped yet.
        started.exchange.write(ByteBuffer(repeating: 1, count: 200_000))
        #expect(!started.exchange.isWritable)
        #expect(started.exchange.heldBytes > 100_000)
        try started.client.pump()
        #expect(started.stream.received.body.count == 200_000)
        #expect(started.exchange.heldBytes == 0)
        #expect(started.exchange.isWritable)
        #expect(writable > 0)
    }

    @Test("a stream whose client never opens its window is reset after the deadline")
    func stall() throws {
        let started = try Started(windowBytes: 0)
        var closed = 0
        started.exchange.onClosed = { closed += 1 }
        started.exchange.write(ByteBuffer(string: "x"))
        try started.client.pump()
        #expect(started.exchange.heldBytes == 1)
        started.server.advance(by: .seconds(119))
        #expect(closed == 0)
        started.server.advance(by: .seconds(1))
        try started.client.pump()
        #expect(closed == 1)
        #expect(started.stream.received.isClosed)
        #expect(started.server.counters[.streamsStalled] == 1)
        #expect(started.server.isOpen)
    }

    @Test("a client that does not read at all loses its connection after the deadline")
    func stuckSocket() throws {
        let started = try Started()
        started.server.channel.isWritable = false
        started.server.channel.pipeline.fireChannelWritabilityChanged()
        #expect(!started.exchange.isWritable)
        started.exchange.write(ByteBuffer(string: "x"))
        #expect(started.exchange.heldBytes == 1)
        started.server.advance(by: .seconds(120))
        #expect(!started.server.isOpen)
        #expect(started.server.counters[.streamsStalled] == 1)
    }

    @Test("a slow client that makes progress is not reset")
    func slowProgress() throws {
        let started = try Started(windowBytes: 65_535)
        started.exchange.write(ByteBuffer(repeating: 1, count: 400_000))
        for _ in 0..<4 {
            started.server.advance(by: .seconds(60))
            try started.client.pumpOnce()
            try started.client.pumpOnce()
        }
        #expect(started.exchange.heldBytes > 0)
        #expect(started.server.counters[.streamsStalled] == 0)
        try started.client.pump()
        #expect(started.stream.received.body.count == 400_000)
    }

    @Test("a writer that does not look at writability is stopped at the limit")
    func overfull() throws {
        var limits = TransportLimits()
        limits.streamHeldBytesMax = 1000
        let started = try Started(limits: limits, windowBytes: 0)
        var closed = 0
        started.exchange.onClosed = { closed += 1 }
        started.exchange.write(ByteBuffer(repeating: 1, count: 1000))
        #expect(closed == 0)
        started.exchange.write(ByteBuffer(repeating: 1, count: 1))
        #expect(closed == 0)
        started.exchange.write(ByteBuffer(repeating: 1, count: 1))
        try started.client.pump()
        #expect(closed == 1)
        #expect(started.server.counters[.streamsOverfull] == 1)
    }

    @Test("at shutdown streams end, GOAWAY is said, and the connection closes")
    func shutdown() throws {
        let started = try Started()
        var closed = 0
        started.exchange.onClosed = { closed += 1 }
        started.server.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        try started.client.pump()
        #expect(closed == 1)
        #expect(started.stream.received.hasEnded)
        #expect(started.stream.received.error == nil)
        #expect(started.client.goAways.first == .noError)
        #expect(!started.server.isOpen)
    }

    @Test("at shutdown a request that is being answered is finished first")
    func shutdownWaits() throws {
        let router = RecordingRouter()
        let server = try InMemoryServer(router: router)
        let client = try InMemoryClient(server)
        let stream = try client.open("POST", "/machine/register")
        var told = 0
        router.exchanges.first?.onShutdown = { told += 1 }
        server.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        try client.pump()
        #expect(told == 1)
        #expect(server.isOpen)
        router.exchanges.first?.respond(status: 200, body: ByteBuffer(string: "done"))
        try client.pump()
        #expect(stream.received.text == "done")
        #expect(!server.isOpen)
    }
}
