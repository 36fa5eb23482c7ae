// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import NeedleTransport

@Suite("HTTP/1.1 at the front door")
struct FrontDoorTests {
    private func answers(_ text: String, limits: TransportLimits = TransportLimits()) throws -> [ParsedAnswer] {
        let server = try InMemoryServer(limits: limits)
        server.receive(text)
        return ParsedAnswer.all(try server.takeText())
    }

    @Test(
        "a route answers any form of target and any letter case",
        arguments: [
            "GET /key?v=138 HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET https://127.0.0.1:1/key?v=138 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
            "GET /key?v=138 HTTP/1.1\r\nHOST: h\r\naCCept: */*\r\n\r\n",
        ]
    )
    func route(request: String) throws {
        let answer = try #require(try answers(request).first)
        #expect(answer.status == "200")
        #expect(answer.body == "key for 138\n")
        #expect(answer.fields["connection"] == "keep-alive")
    }

    @Test(
        "every answer carries the security fields",
        arguments: ["GET /key HTTP/1.1", "GET /nowhere HTTP/1.1", "POST /ts2021 HTTP/1.1", "PUT /derp HTTP/1.1"]
    )
    func securityFields(line: String) throws {
        let fields = try #require(try answers(line + "\r\nHost: h\r\n\r\n").first?.fields)
        #expect(fields["x-frame-options"] == "DENY")
        #expect(fields["content-security-policy"] == "frame-ancestors 'none'")
        #expect(fields["x-content-type-options"] == "nosniff")
        #expect(fields["referrer-policy"] == "no-referrer")
    }

    @Test("any cut of the request gives the same answer", arguments: 1...20)
    func anyCut(size: Int) throws {
        let server = try InMemoryServer()
        server.receive("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\nhello world", pieces: size)
        #expect(ParsedAnswer.all(try server.takeText()).map(\.body) == ["hello world"])
    }

    @Test("pipelined requests are answered in order, also behind a slow one")
    func pipelined() throws {
        let server = try InMemoryServer()
        let requests = ["/key?v=1", "/later", "/key?v=2", "/files/x"].map { "GET \($0) HTTP/1.1\r\nHost: h\r\n\r\n" }
        server.receive(requests.joined())
        #expect(ParsedAnswer.all(try server.takeText()).map(\.body) == ["key for 1\n"])
        server.advance(by: .milliseconds(1))
        #expect(ParsedAnswer.all(try server.takeText()).map(\.body) == ["later\n", "key for 2\n", "/files/x\n"])
        #expect(server.counters[.requests] == 4)
    }

    @Test("what is pipelined behind the end of keep-alive is not looked at")
    func pipelinedBehindClose() throws {
        let server = try InMemoryServer()
        server.receive("GET /key HTTP/1.1\r\nConnection: close\r\n\r\nGET /key HTTP/1.1\r\n\r\n")
        let answers = ParsedAnswer.all(try server.takeText())
        #expect(answers.map(\.fields["connection"]) == ["close"])
        #expect(!server.isOpen)
    }

    @Test("HTTP/1.0 closes after the answer")
    func http10() throws {
        let server = try InMemoryServer()
        server.receive("GET /key HTTP/1.0\r\n\r\n")
        #expect(try server.takeText().hasSuffix("key for none\n"))
        #expect(!server.isOpen)
    }

    @Test("HEAD is answered like GET, without the body")
    func head() throws {
        let server = try InMemoryServer()
        server.receive("HEAD /key HTTP/1.1\r\nHost: h\r\n\r\n")
        let answer = try #require(ParsedAnswer.all(try server.takeText(), isHead: true).first)
        #expect(answer.status == "200")
        #expect(answer.fields["content-length"] == "13")
        #expect(answer.body.isEmpty)
    }

    @Test("unknown paths and methods are said")
    func unknown() throws {
        let answers = try answers(
            "GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\nPUT /key HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
        )
        #expect(answers.map(\.status) == ["404", "405"])
        #expect(answers.last?.fields["allow"] == "GET, HEAD")
    }

    @Test("a body over the route's limit is refused, announced or not")
    func bodyTooLarge() throws {
        let announced = try answers("POST /verify HTTP/1.1\r\nContent-Length: 4097\r\n\r\n")
        #expect(announced.map(\.status) == ["413"])
        #expect(announced.first?.body == "the request's body may have 4096 bytes at most\n")
        let chunk = "1001\r\n" + String(repeating: "x", count: 4097) + "\r\n0\r\n\r\n"
        let grown = try answers("POST /verify HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk)
        #expect(grown.map(\.status) == ["413"])
        let fits = "1000\r\n" + String(repeating: "x", count: 4096) + "\r\n0\r\n\r\n"
        let taken = try answers("POST /verify HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + fits)
        #expect(taken.map(\.body) == ["4096\n"])
    }

    @Test("a refused body is read to its end, and then the connection closes")
    func drained() throws {
        let server = try InMemoryServer()
        server.receive("POST /verify HTTP/1.1\r\nContent-Length: 5000\r\n\r\n")
        server.receive([UInt8](repeating: 0x61, count: 4999))
        #expect(server.isOpen)
        server.receive("a")
        #expect(!server.isOpen)
    }

    @Test("a refused body that does not end is cut off, by size and by time")
    func notDrained() throws {
        let bySize = try InMemoryServer()
        bySize.receive("POST /verify HTTP/1.1\r\nContent-Length: 5000000\r\n\r\n")
        bySize.receive([UInt8](repeating: 0x61, count: 256 * 1024 + 1))
        #expect(!bySize.isOpen)
        let byTime = try InMemoryServer()
        byTime.receive("POST /verify HTTP/1.1\r\nContent-Length: 5000000\r\n\r\n")
        byTime.advance(by: .seconds(2))
        #expect(!byTime.isOpen)
    }

    @Test("the bodies of all connections together have a limit, and give back what they took")
    func bodiesInAll() throws {
        var limits = TransportLimits()
        limits.bodyBytesInAllMax = 10
        let server = try InMemoryServer(limits: limits)
        server.receive("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\n123456789")
        #expect(server.bodies.taken == 9)
        server.receive("0")
        #expect(ParsedAnswer.all(try server.takeText()).map(\.body) == ["1234567890"])
        #expect(server.bodies.taken == 0)
        server.receive("POST /echo HTTP/1.1\r\nContent-Length: 11\r\n\r\n12345678901")
        #expect(ParsedAnswer.all(try server.takeText()).map(\.status) == ["503"])
        #expect(server.bodies.taken == 0)
        #expect(server.counters[.bodiesOverBudget] == 1)
    }

    @Test("a body that was cut off gives back what it took")
    func cutOff() throws {
        let server = try InMemoryServer()
        server.receive("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\n123456789")
        server.channel.close(promise: nil)
        server.loop.run()
        #expect(server.bodies.taken == 0)
    }

    @Test("Expect: 100-continue is answered when the body is welcome")
    func expectContinue() throws {
        let server = try InMemoryServer()
        server.receive("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(try server.takeText().hasPrefix("HTTP/1.1 100 "))
        server.receive("ok")
        #expect(ParsedAnswer.all(try server.takeText()).map(\.body) == ["ok"])
    }

    @Test(
        "a header over a limit is answered 431",
        arguments: [
            "GET /key HTTP/1.1\r\nX: " + String(repeating: "a", count: 40_000) + "\r\n\r\n",
            "GET /key HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 101) + "\r\n",
            "GET /key HTTP/1.1\r\n" + String(repeating: "X: " + String(repeating: "a", count: 900) + "\r\n", count: 40)
                + "\r\n",
        ]
    )
    func headerTooLarge(request: String) throws {
        let server = try InMemoryServer()
        server.receive(request, pieces: 1000)
        #expect(ParsedAnswer.all(try server.takeText()).map(\.status) == ["431"])
        #expect(server.counters[.headersTooLarge] == 1)
        #expect(!server.isOpen)
    }

    @Test("a target over the limit is answered 414")
    func targetTooLong() throws {
        let answers = try answers("GET /" + String(repeating: "a", count: 8192) + " HTTP/1.1\r\n\r\n")
        #expect(answers.map(\.status) == ["414"])
    }

    @Test("what is not HTTP/1.1 is answered 400", arguments: ["hello\r\n\r\n", "GET / HTTP/3.0\r\n\r\n", "\u{1}\u{2}"])
    func notHTTP(text: String) throws {
        let server = try InMemoryServer()
        server.receive(text)
        #expect(ParsedAnswer.all(try server.takeText()).map(\.status) == ["400"])
        #expect(server.counters[.badRequests] == 1)
        #expect(!server.isOpen)
    }

    @Test("a route cannot split the header")
    func headerSplitting() throws {
        let answers = try answers("GET /split HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(answers.map(\.status) == ["500"])
        #expect(answers.first?.fields["set-cookie"] == nil)
    }

    @Test("an upgrade that is not for this path is answered, and the connection closed")
    func strayUpgrade() throws {
        let server = try InMemoryServer()
        server.receive("GET /key HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n")
        #expect(ParsedAnswer.all(try server.takeText()).first?.fields["connection"] == "close")
        #expect(!server.isOpen)
    }

    @Test("a connection without a request is closed, but not early")
    func firstRequestDeadline() throws {
        let server = try InMemoryServer()
        server.receive("GET /key HT")
        server.advance(by: .seconds(14))
        #expect(server.isOpen)
        server.advance(by: .seconds(1))
        #expect(!server.isOpen)
        #expect(server.counters[.firstRequestTimeouts] == 1)
    }

    @Test("a kept-alive connection is closed when idle, and each request starts the time again")
    func idle() throws {
        let server = try InMemoryServer()
        for _ in 0..<3 {
            server.receive("GET /key HTTP/1.1\r\nHost: h\r\n\r\n")
            server.advance(by: .seconds(59))
            #expect(server.isOpen)
        }
        server.advance(by: .seconds(1))
        #expect(!server.isOpen)
        #expect(server.counters[.idleTimeouts] == 1)
    }

    @Test("a body that comes too slowly is answered 408")
    func slowBody() throws {
        let server = try InMemoryServer()
        server.receive("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")
        server.advance(by: .seconds(30))
        #expect(ParsedAnswer.all(try server.takeText()).map(\.status) == ["408"])
        server.advance(by: .seconds(2))
        #expect(!server.isOpen)
        #expect(server.counters[.bodyTimeouts] == 1)
    }

    /// A client that reads nothing: what is written stays written.
    private final class StuckSocket: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        private var promises: [EventLoopPromise<Void>] = []

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if let promise { promises.append(promise) }
        }

        func handlerRemoved(context: ChannelHandlerContext) {
            for promise in promises { promise.fail(ChannelError.ioOnClosedChannel) }
        }
    }

    @Test("a client that does not take its answer is closed after the deadline")
    func responseDeadline() throws {
        let server = try InMemoryServer()
        try server.channel.pipeline.syncOperations.addHandler(StuckSocket(), position: .first)
        server.receive("GET /key HTTP/1.1\r\nHost: h\r\n\r\n")
        server.advance(by: .seconds(119))
        #expect(server.isOpen)
        server.advance(by: .seconds(1))
        #expect(!server.isOpen)
        #expect(server.counters[.responseTimeouts] == 1)
    }

    @Test("a route that fails is answered 500 without the reason")
    func failingRoute() throws {
        let answers = try answers("GET /fails HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(answers.map(\.status) == ["500"])
        #expect(answers.map(\.body) == ["the server could not answer; its log says why\n"])
    }

    @Test("at shutdown an idle connection closes, and a busy one after its answer")
    func shutdown() throws {
        let idle = try InMemoryServer()
        idle.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(!idle.isOpen)
        let busy = try InMemoryServer()
        busy.receive("GET /later HTTP/1.1\r\nHost: h\r\n\r\n")
        busy.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(busy.isOpen)
        busy.advance(by: .milliseconds(1))
        #expect(ParsedAnswer.all(try busy.takeText()).map(\.body) == ["later\n"])
        #expect(!busy.isOpen)
    }
}
