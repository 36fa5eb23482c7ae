// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import Testing

@testable import NeedleTransport

@Suite("Abuse of HTTP/2")
struct InnerAbuseTests {
    /// A frame by hand.
    private func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32, _ payload: [UInt8] = []) -> [UInt8] {
        let count = payload.count
        let length: [UInt8] = [16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }
        let id: [UInt8] = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: stream >> $0) }
        return length + [type, flags] + id + payload
    }

    /// `:method: GET`, `:scheme: https`, `:path: /` out of the static table, and `:authority: a`.
    private let headers: [UInt8] = [0x82, 0x87, 0x84, 0x01, 0x01, 0x61]

    private func connected(_ limits: TransportLimits = TransportLimits()) throws -> (InMemoryServer, InMemoryClient) {
        let server = try InMemoryServer(router: RecordingRouter(), limits: limits)
        return (server, try InMemoryClient(server))
    }

    @Test("rapid resets end the connection")
    func rapidResets() throws {
        let (server, client) = try connected()
        var sent = 0
        while server.isOpen, sent < 1000 {
            let id = UInt32(sent * 2 + 1)
            try client.sendRaw(frame(1, flags: 5, stream: id, headers) + frame(3, stream: id, [0, 0, 0, 8]))
            sent += 1
        }
        #expect(!server.isOpen)
        #expect((200...202).contains(sent))
        #expect(client.goAways == [.enhanceYourCalm])
        #expect(server.counters[.innerConnectionErrors] == 1)
    }

    @Test("endless CONTINUATION frames end the connection")
    func continuations() throws {
        let (server, client) = try connected()
        try client.sendRaw(frame(1, flags: 0, stream: 1, headers))
        var sent = 0
        while server.isOpen, sent < 100 {
            try client.sendRaw(frame(9, stream: 1, []))
            sent += 1
        }
        #expect(!server.isOpen)
        #expect(sent <= 6)
        #expect(client.goAways == [.enhanceYourCalm])
    }

    @Test("a header block over the limit ends the connection")
    func headerBlock() throws {
        let (server, client) = try connected()
        _ = try client.open("GET", "/", headers: ["x": String(repeating: "a", count: 20_000)])
        #expect(!server.isOpen)
        #expect(!client.goAways.isEmpty)
    }

    @Test("a flood of PINGs ends the connection")
    func pings() throws {
        let (server, client) = try connected()
        var sent = 0
        while server.isOpen, sent < 1000 {
            try client.sendRaw(frame(6, stream: 0, [0, 0, 0, 0, 0, 0, 0, 0]))
            sent += 1
        }
        #expect(!server.isOpen)
        #expect((190...201).contains(sent))
        #expect(server.counters[.innerConnectionErrors] == 1)
    }

    @Test("more streams than allowed are refused, and the others live on")
    func tooManyStreams() throws {
        var limits = TransportLimits()
        limits.streamsMax = 3
        let (server, client) = try connected(limits)
        let streams = try (0..<3).map { _ in try client.open("POST", "/x") }
        // The client's library keeps to the limit; by hand it can be passed.
        try client.sendRaw(frame(1, flags: 5, stream: 99, headers))
        #expect(streams.allSatisfy { !$0.received.isClosed } || !server.isOpen)
        #expect(server.counters[.innerRequests] == 3)
    }

    @Test("what is not HTTP/2 ends the connection")
    func notHTTP2() throws {
        let (server, client) = try connected()
        try client.sendRaw(Array("GET / HTTP/1.1\r\n\r\n".utf8))
        #expect(!server.isOpen)
        #expect(server.counters[.innerConnectionErrors] == 1)
    }

    @Test("a tampered record closes the connection, and its streams are told")
    func tampered() throws {
        let router = RecordingRouter()
        let server = try InMemoryServer(router: router)
        let client = try InMemoryClient(server)
        _ = try client.open("POST", "/machine/map")
        var closed = 0
        router.exchanges.first?.onClosed = { closed += 1 }
        client.tamper = { $0[$0.count - 1] ^= 1 }
        _ = try client.open("POST", "/x")
        #expect(!server.isOpen)
        #expect(closed == 1)
        #expect(server.counters[.noiseRecordFailures] == 1)
    }

    @Test("a connection without streams is told goodbye after a while, one with a stream is not")
    func idle() throws {
        let router = RecordingRouter()
        let server = try InMemoryServer(router: router)
        let client = try InMemoryClient(server)
        _ = try client.open("POST", "/machine/map")
        server.advance(by: .hours(3))
        try client.pump()
        #expect(server.isOpen)
        router.exchanges.first?.respond(status: 200)
        try client.pump()
        server.advance(by: .minutes(9))
        _ = try client.open("POST", "/machine/map")
        router.exchanges.last?.respond(status: 200)
        try client.pump()
        server.advance(by: .minutes(9))
        try client.pump()
        #expect(server.isOpen)
        server.advance(by: .minutes(1))
        try client.pump()
        #expect(!server.isOpen)
        #expect(client.goAways == [.noError])
        #expect(server.counters[.innerIdleTimeouts] == 1)
    }
}
