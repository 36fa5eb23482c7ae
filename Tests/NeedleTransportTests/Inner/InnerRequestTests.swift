// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK
import NIOHTTP2
import NeedleNoise
import NeedleTypes
import Testing

@testable import NeedleTransport

@Suite("Requests inside Noise")
struct InnerRequestTests {
    @Test("a request reaches the router whole, with who asks")
    func requestIsWhole() throws {
        let router = RecordingRouter()
        let server = try InMemoryServer(router: router)
        let client = try InMemoryClient(server)
        let stream = try client.open("PATCH", "/machine/x?a=b", headers: ["ts-lb": "k"], body: ByteBuffer(string: "{}"))
        let request = try #require(router.requests.first)
        #expect(request.method == "PATCH")
        #expect(request.path == "/machine/x")
        #expect(request.query == "a=b")
        #expect(request.headers.first(name: "ts-lb") == "k")
        #expect(String(buffer: request.body) == "{}")
        #expect(request.peer.noiseKey == (try server.clientKey.publicKey))
        #expect(request.peer.version == .current)
        #expect(request.peer.remote == IPAddress(text: "192.0.2.1"))
        router.exchanges.first?.respond(status: 201, contentType: "application/json", body: ByteBuffer(string: "{}"))
        try client.pump()
        #expect(stream.received.status == 201)
        #expect(stream.received.headers?.first(name: "content-length") == "2")
        #expect(stream.received.text == "{}")
        #expect(stream.received.hasEnded)
        #expect(client.records.earlyJSON != nil)
    }

    @Test("a client below the minimum version gets through to the router, which can say so")
    func oldVersionReachesRouter() throws {
        let client = try InMemoryClient(try InMemoryServer(), version: CapabilityVersion(90))
        let stream = try client.open("POST", "/machine/register", body: ByteBuffer(string: "{}"))
        #expect(stream.received.text == "POST /machine/register 2 90")
    }

    @Test("a GET may have a body")
    func getWithBody() throws {
        let client = try InMemoryClient(try InMemoryServer())
        let stream = try client.open("GET", "/machine/tka/sync", body: ByteBuffer(string: "{\"a\":1}"))
        #expect(stream.received.text == "GET /machine/tka/sync 7 138")
    }

    @Test("an answer without a body ends with its head")
    func emptyAnswer() throws {
        let router = RecordingRouter()
        let client = try InMemoryClient(try InMemoryServer(router: router))
        let stream = try client.open("POST", "/x")
        router.exchanges.first?.respond(status: 204)
        router.exchanges.first?.respond(status: 500)
        try client.pump()
        #expect(stream.received.status == 204)
        #expect(stream.received.body.isEmpty)
        #expect(stream.received.hasEnded)
    }

    @Test("many requests at once on one connection keep apart")
    func concurrentRequests() throws {
        let router = RecordingRouter()
        let client = try InMemoryClient(try InMemoryServer(router: router))
        let streams = try (0..<100).map { try client.open("POST", "/\($0)", body: ByteBuffer(string: "\($0)")) }
        for (request, exchange) in zip(router.requests, router.exchanges).reversed() {
            exchange.respond(status: 200, body: request.body)
        }
        try client.pump()
        #expect(streams.map(\.received.text) == (0..<100).map(String.init))
    }

    @Test("any cut of the bytes on the wire gives the same answer", arguments: [1, 2, 3, 7, 50, 51, 52, 1000])
    func anyCut(size: Int) throws {
        let client = try InMemoryClient(try InMemoryServer(), pieces: size)
        client.records.recordPlaintextMax = size
        let body = ByteBuffer(bytes: (0..<20_000).map { UInt8(truncatingIfNeeded: $0) })
        let stream = try client.open("POST", "/body", body: body)
        #expect(stream.received.body == Array(body.readableBytesView))
    }

    @Test("a body that is announced too long is refused at once")
    func announcedTooLong() throws {
        var limits = TransportLimits()
        limits.innerBodyBytesMax = 100
        let server = try InMemoryServer(limits: limits)
        let client = try InMemoryClient(server)
        let stream = try client.open("POST", "/x", headers: ["content-length": "101"], ends: false)
        #expect(stream.received.status == 413)
        #expect(stream.received.text == "the request's body may have 100 bytes at most\n")
        #expect(server.counters[.innerBodiesTooLarge] == 1)
    }

    @Test("a body that grows too long is refused, and the connection goes on")
    func growsTooLong() throws {
        var limits = TransportLimits()
        limits.innerBodyBytesMax = 100
        let client = try InMemoryClient(try InMemoryServer(limits: limits))
        let stream = try client.open("POST", "/x", body: ByteBuffer(repeating: 0, count: 101))
        #expect(stream.received.status == 413)
        let next = try client.open("POST", "/x", body: ByteBuffer(repeating: 0, count: 100))
        #expect(next.received.status == 200)
    }

    @Test("the unfinished bodies of one connection have a limit together")
    func bodiesTogether() throws {
        var limits = TransportLimits()
        limits.innerBodyBytesPerConnectionMax = 1000
        let client = try InMemoryClient(try InMemoryServer(limits: limits))
        let first = try client.open("POST", "/x", body: ByteBuffer(repeating: 0, count: 600), ends: false)
        let second = try client.open("POST", "/x", body: ByteBuffer(repeating: 0, count: 600))
        #expect(second.received.status == 503)
        first.reset()
        try client.pump()
        let third = try client.open("POST", "/x", body: ByteBuffer(repeating: 0, count: 600))
        #expect(third.received.status == 200)
    }

    @Test("the bodies of all connections together have a limit, and give back what they took")
    func bodiesInAll() throws {
        var limits = TransportLimits()
        limits.bodyBytesInAllMax = 1000
        let server = try InMemoryServer(limits: limits)
        let client = try InMemoryClient(server)
        let first = try client.open("POST", "/x", body: ByteBuffer(repeating: 0, count: 600), ends: false)
        #expect(server.bodies.taken == 600)
        #expect(try client.open("POST", "/x", body: ByteBuffer(repeating: 0, count: 600)).received.status == 503)
        first.reset()
        try client.pump()
        #expect(server.bodies.taken == 0)
        #expect(server.counters[.bodiesOverBudget] == 1)
    }

    @Test("neither :authority nor host nor :scheme matters, and they may differ")
    func authority() throws {
        let client = try InMemoryClient(try InMemoryServer())
        let stream = try client.open("POST", "/x", headers: ["host": "other"], scheme: "http")
        #expect(stream.received.status == 200)
    }

    @Test("a body that does not end in time is answered 408 and reset")
    func slowBody() throws {
        let server = try InMemoryServer()
        let client = try InMemoryClient(server)
        let stream = try client.open("POST", "/x", body: ByteBuffer(string: "a"), ends: false)
        server.advance(by: .seconds(29))
        try client.pump()
        #expect(stream.received.status == nil)
        server.advance(by: .seconds(1))
        try client.pump()
        #expect(stream.received.status == 408)
        #expect(stream.received.isClosed)
        #expect(server.counters[.innerBodyTimeouts] == 1)
        #expect(server.isOpen)
    }

    @Test("a path that is none is answered 400", arguments: ["nonsense", "/" + String(repeating: "a", count: 9000)])
    func badPath(path: String) throws {
        let client = try InMemoryClient(try InMemoryServer())
        #expect(try client.open("GET", path).received.status == 400)
    }

    @Test("an exchange that is let go without an answer says 500")
    func abandoned() throws {
        let router = RecordingRouter()
        let client = try InMemoryClient(try InMemoryServer(router: router))
        let stream = try client.open("POST", "/x")
        router.forget()
        try client.pump()
        #expect(stream.received.status == 500)
    }
}
