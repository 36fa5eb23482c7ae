// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import NIOHTTP2
import NeedleNoise
import NeedleTesting
import NeedleTypes
import Synchronization
import Testing

@testable import NeedleTransport

@Suite("Upgrades")
struct UpgradeTests {
    /// Sends back what it gets, and a greeting first.
    private final class EchoHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func handlerAdded(context: ChannelHandlerContext) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "hello;")), promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(data, promise: nil)
        }
    }

    private static let relay = RelayUpgrade(publicKeyHex: String(repeating: "ab", count: 32)) { _, _ in EchoHandler() }
    private static let request = "POST /derp HTTP/1.1\r\nconnection: Upgrade\r\nupgrade: DERP\r\n"

    @Test("the relay's 101 has its fields, and its bytes follow")
    func relayAnswer() throws {
        let server = try InMemoryServer(relay: Self.relay)
        server.receive(Self.request + "\r\n")
        let text = try server.takeText()
        let answer = try #require(ParsedAnswer.all(text).first)
        #expect(answer.status == "101")
        #expect(answer.fields["upgrade"] == "DERP")
        #expect(answer.fields["connection"] == "upgrade")
        #expect(answer.fields["derp-version"] == "2")
        #expect(answer.fields["derp-public-key"] == String(repeating: "ab", count: 32))
        #expect(text.hasSuffix("\r\n\r\nhello;"))
        #expect(server.counters[.relayUpgrades] == 1)
    }

    @Test("a fast start has no answer")
    func fastStart() throws {
        let server = try InMemoryServer(relay: Self.relay)
        server.receive(Self.request + "Derp-Fast-Start: 1\r\n\r\nabc")
        #expect(try server.takeText() == "hello;abc")
    }

    @Test("bytes right behind the request are not lost, however they are cut", arguments: 1...40)
    func bytesBehind(size: Int) throws {
        let server = try InMemoryServer(relay: Self.relay)
        let behind = "GET / HTTP/1.1\r\n\r\n" + String(repeating: "0123456789", count: 20)
        server.receive(Self.request + "\r\n" + behind, pieces: size)
        #expect(try server.takeText().hasSuffix("\r\n\r\nhello;" + behind))
    }

    @Test(
        "an upgrade may follow other requests on its connection, pipelined or not",
        arguments: [["/key"], ["/key", "/key"], ["/later"], ["/later", "/key", "/later"]]
    )
    func behindRequests(paths: [String]) throws {
        let requests = paths.map { "GET \($0) HTTP/1.1\r\nHost: h\r\n\r\n" }.joined()
        let upgrade = Self.request + "\r\nbehind"
        for size in [nil, 5] {
            let server = try InMemoryServer(relay: Self.relay)
            server.receive(requests + upgrade, pieces: size)
            for _ in paths { server.advance(by: .milliseconds(1)) }
            let text = try server.takeText()
            #expect(ParsedAnswer.all(text).map(\.status) == paths.map { _ in "200" } + ["101"])
            #expect(text.hasSuffix("\r\n\r\nhello;behind"))
        }
    }

    @Test("the relay is told what the client said")
    func relayInfo() throws {
        let seen = Mutex<RelayUpgradeInfo?>(nil)
        let relay = RelayUpgrade(publicKeyHex: "") { _, info in
            seen.withLock { $0 = info }
            return EchoHandler()
        }
        let server = try InMemoryServer(relay: relay)
        server.receive(Self.request + "Ideal-Node: 1a\r\n\r\n")
        let info = try #require(seen.withLock { $0 })
        #expect(info.idealNode == "1a")
        #expect(info.remote == IPAddress(text: "192.0.2.1"))
        #expect(!info.isWebSocket && !info.isFastStart && !info.isSecure)
    }

    @Test("without a relay its path is empty; without an upgrade it asks for one")
    func relayRefusals() throws {
        let without = try InMemoryServer()
        without.receive(Self.request + "\r\n")
        #expect(ParsedAnswer.all(try without.takeText()).map(\.status) == ["404"])
        let with = try InMemoryServer(relay: Self.relay)
        with.receive("GET /derp HTTP/1.1\r\nHost: h\r\n\r\n")
        let answer = try #require(ParsedAnswer.all(try with.takeText()).first)
        #expect(answer.status == "426")
        #expect(answer.body == "DERP requires connection upgrade\n")
        #expect(!with.isOpen)
    }

    @Test("the Noise 101, the response and the early payload are as the clients want them")
    func noiseAnswer() throws {
        let server = try InMemoryServer()
        let initiator = try server.initiator()
        server.receive(UpgradeText.noise(initiation: initiator.initiation, target: "http://h:1/ts2021"))
        let bytes = try server.takeBytes()
        let end = try #require(bytes.firstRange(of: Array("\r\n\r\n".utf8))).upperBound
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        #expect(head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
        #expect(ParsedAnswer.all(head).first?.fields["upgrade"] == "tailscale-control-protocol")
        #expect(ParsedAnswer.all(head).first?.fields["connection"] == "upgrade")
        var transport = try initiator.receive(response: Array(bytes[end..<end + 51]))
        let record = Array(bytes[(end + 51)...])
        let length = Int(try #require(RecordHeader(bytes: record.prefix(3))).length)
        let plaintext = try transport.opener.open(Array(record[3..<3 + length]))
        #expect(plaintext.starts(with: EarlyPayload(challenge: .zero).encode()))
        // SETTINGS are in the same record or follow at once.
        #expect(plaintext.count + record.count > EarlyPayload(challenge: .zero).encode().count + 3 + length)
    }

    @Test("an initiation that is none is answered with a refusal in Noise, and the connection closes")
    func noiseRefusals() throws {
        var random = SeededRandom(seed: 3)
        let other = try MachineKeyPair(MachinePrivateKey.generate(using: &random)).publicKey
        let cases: [([UInt8], String)] = [
            (
                try InMemoryServer().initiator(serverKey: other).initiation,
                "the handshake does not authenticate: fetch the server's key from /key again"
            ),
            ([1, 2, 3], "the handshake is malformed"),
            ([UInt8](repeating: 0, count: 101), "the handshake is malformed"),
        ]
        for (initiation, text) in cases {
            let server = try InMemoryServer()
            server.receive(UpgradeText.noise(initiation: initiation))
            let bytes = try server.takeBytes()
            let end = try #require(bytes.firstRange(of: Array("\r\n\r\n".utf8))).upperBound
            #expect(HandshakeRefusal.decode(Array(bytes[end...])) == text)
            #expect(!server.isOpen)
            #expect(server.counters[.noiseHandshakeFailures] == 1)
            #expect(server.ledger.halfOpenCount == 0)
        }
    }

    @Test("upgrades without a request are limited, and count until they make one or end")
    func halfOpen() throws {
        var limits = TransportLimits()
        limits.halfOpenUpgradesMax = 1
        let server = try InMemoryServer(limits: limits)
        let client = try InMemoryClient(server)
        #expect(server.ledger.halfOpenCount == 1)
        #expect(server.ledger.beginHalfOpen() == nil)
        _ = try client.open("GET", "/machine/whoami")
        #expect(server.ledger.halfOpenCount == 0)
        let ticket = server.ledger.beginHalfOpen()
        #expect(ticket != nil)
        let second = try InMemoryServer(limits: limits, ledger: server.ledger)
        second.receive(UpgradeText.noise(initiation: try second.initiator().initiation))
        let answer = try #require(ParsedAnswer.all(try second.takeText()).first)
        #expect(answer.status == "503")
        #expect(answer.fields["retry-after"] == "10")
        #expect(second.counters[.upgradesOverLimit] == 1)
    }

    @Test("an upgrade that is cut off in the middle does not stay counted")
    func halfOpenEnds() throws {
        let server = try InMemoryServer()
        let text = UpgradeText.noise(initiation: try server.initiator().initiation)
        server.receive(text.replacing("content-length: 0", with: "content-length: 5") + "ab")
        #expect(server.ledger.halfOpenCount == 1)
        server.channel.close(promise: nil)
        server.loop.run()
        #expect(server.ledger.halfOpenCount == 0)
    }

    @Test("an upgraded connection that makes no request is told goodbye")
    func firstRequestDeadline() throws {
        let server = try InMemoryServer()
        let client = try InMemoryClient(server)
        server.advance(by: .seconds(14))
        #expect(server.isOpen)
        server.advance(by: .seconds(1))
        try client.pump()
        #expect(!server.isOpen)
        #expect(client.goAways == [.noError])
        #expect(server.counters[.innerFirstRequestTimeouts] == 1)
        #expect(server.ledger.halfOpenCount == 0)
    }
}
