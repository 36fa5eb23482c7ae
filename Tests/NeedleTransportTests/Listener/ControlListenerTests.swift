// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOPosix
import NIOSSL
import NeedleTypes
import Testing

@testable import NeedleTransport

@Suite("The listener", .timeLimit(.minutes(1)))
struct ControlListenerTests {
    private static let request = "GET /key?v=1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"

    @Test("TLS and plain HTTP are served on one port")
    func bothOnOnePort() async throws {
        let server = try await TestServer.start()
        let plain = try await RawClient.connect(to: server.endpoint).exchange(Self.request)
        #expect(ParsedAnswer.all(plain).map(\.body) == ["key for 1\n"])
        for protocols in [[], ["http/1.1"]] {
            let client = try await RawClient.connect(to: server.endpoint) {
                try TestTLS.clientHandler(protocols: protocols)
            }
            #expect(ParsedAnswer.all(try await client.exchange(Self.request)).map(\.body) == ["key for 1\n"])
        }
        await server.listener.shutdown()
        #expect(server.listener.counters[.connectionsAccepted] == 3)
        #expect(server.listener.counters[.connectionsClosed] == 3)
    }

    @Test("TLS below 1.2 is refused")
    func oldTLS() async throws {
        let server = try await TestServer.start()
        let client = try await RawClient.connect(to: server.endpoint) {
            try TestTLS.clientHandler(minimum: .tlsv1, maximum: .tlsv11)
        }
        await #expect(throws: (any Error).self) { try await client.exchange(Self.request) }
        await server.listener.shutdown()
        #expect(server.listener.counters[.tlsFailures] == 1)
    }

    @Test("without a certificate TLS is refused by an alert, and plain HTTP is served")
    func withoutCertificate() async throws {
        let server = try await TestServer.start(isSecure: false)
        let client = try await RawClient.connect(to: server.endpoint) { try TestTLS.clientHandler() }
        await #expect(throws: (any Error).self) { try await client.exchange(Self.request) }
        let plain = try await RawClient.connect(to: server.endpoint).exchange(Self.request)
        #expect(ParsedAnswer.all(plain).map(\.status) == ["200"])
        await server.listener.shutdown()
        #expect(server.listener.counters[.tlsWithoutCertificate] == 1)
    }

    @Test("connections over a limit are told so in their own protocol")
    func overLimit() async throws {
        var limits = TransportLimits()
        limits.connectionsPerAddressMax = 0
        limits.countsLoopback = true
        limits.refusalDeadline = .seconds(60)
        let server = try await TestServer.start(limits: limits)
        let plain = try await RawClient.connect(to: server.endpoint).exchange(Self.request)
        #expect(ParsedAnswer.all(plain).map(\.status) == ["429"])
        #expect(ParsedAnswer.all(plain).map(\.body) == ["too many connections from your address\n"])
        let raw = try await RawClient.connect(to: server.endpoint)
        try await raw.channel.writeAndFlush(ByteBuffer(bytes: [0x16, 3, 1])).get()
        #expect(try await raw.all() == ConnectionRefusal.tlsAlert)
        await server.listener.shutdown()
        #expect(server.listener.counters[.connectionsRefusedByAddress] == 2)
    }

    @Test("a full server answers 503")
    func full() async throws {
        var limits = TransportLimits()
        limits.connectionsMax = 0
        limits.refusalDeadline = .seconds(60)
        let server = try await TestServer.start(limits: limits)
        let plain = try await RawClient.connect(to: server.endpoint).exchange(Self.request)
        #expect(ParsedAnswer.all(plain).map(\.status) == ["503"])
        await server.listener.shutdown()
        #expect(server.listener.counters[.connectionsRefused] == 1)
    }

    @Test("shutdown ends idle connections at once, and streams with their end and GOAWAY")
    func shutdown() async throws {
        let router = RecordingRouter()
        let server = try await TestServer.start(router: router)
        let idle = try await RawClient.connect(to: server.endpoint)
        let kept = try await RawClient.connect(to: server.endpoint)
        try await kept.channel.writeAndFlush(ByteBuffer(string: "GET /key HTTP/1.1\r\nHost: h\r\n\r\n")).get()
        let client = try await server.client(.init(isSecure: true))
        let stream = try await client.open("POST", "/machine/map", body: ByteBuffer(string: "{}"))
        await router.firstExchange().startStream()
        _ = try await stream.wait({ $0.status == 200 }, on: client.channel.eventLoop)
        await server.listener.shutdown(within: .seconds(30))
        let received = try await stream.wait({ $0.isClosed }, on: client.channel.eventLoop)
        #expect(received.hasEnded)
        #expect(received.error == nil)
        #expect(try await idle.all().isEmpty)
        #expect(ParsedAnswer.all(String(decoding: try await kept.all(), as: UTF8.self)).map(\.status) == ["200"])
        // That the port is free again is not asked here: another test's server may have been given it meanwhile.
    }

    @Test("what does not end by itself is closed when the grace is over")
    func graceOver() async throws {
        let router = RecordingRouter()
        let server = try await TestServer.start(router: router)
        let client = try await server.client()
        let stream = try await client.open("POST", "/machine/register")
        _ = await router.firstExchange()
        await server.listener.shutdown(within: .milliseconds(1))
        let received = try await stream.wait({ $0.isClosed }, on: client.channel.eventLoop)
        #expect(!received.hasEnded)
        #expect(server.listener.counters[.connectionsClosed] == 1)
        await server.listener.shutdown()
    }

    @Test("an address that is taken is said, with what to do")
    func taken() async throws {
        let server = try await TestServer.start()
        var configuration = ControlListener.Configuration(
            host: "127.0.0.1",
            port: Int(server.endpoint.port),
            routes: TestRoutes.table
        )
        configuration.limits = TransportLimits()
        let second = ControlListener(
            configuration: configuration,
            group: MultiThreadedEventLoopGroup.singleton,
            logger: TestServer.logger
        )
        let error = await #expect(throws: ListenerError.self) { try await second.start() }
        #expect(error?.description.contains("cannot listen on 127.0.0.1 port") == true)
        await server.listener.shutdown()
    }

    @Test("many clients on several loops at once are all served")
    func manyClients() async throws {
        // On a loaded machine forty handshakes take longer than a stranger is waited for.
        var limits = TransportLimits()
        limits.firstRequestDeadline = .seconds(120)
        limits.firstInnerRequestDeadline = .seconds(120)
        let server = try await TestServer.start(limits: limits)
        try await withThrowingTaskGroup(of: String.self) { group in
            for index in 0..<40 {
                group.addTask {
                    let client = try await server.client(.init(isSecure: index.isMultiple(of: 2), pieceBytes: 37))
                    let answer = try await client.request("GET", "/\(index)")
                    try await client.close()
                    return answer.text
                }
            }
            var answers: Set<String> = []
            for try await answer in group { answers.insert(answer) }
            #expect(answers == Set((0..<40).map { "GET /\($0) 0 138" }))
        }
        await server.listener.shutdown()
        #expect(server.listener.counters[.noiseUpgrades] == 40)
    }
}
