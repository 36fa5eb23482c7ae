// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import NeedleNoise
import Testing

@testable import NeedleTransport

@Suite("WebSocket")
struct WebSocketTests {
    private final class EchoHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(data, promise: nil)
        }
    }

    private static let relay = RelayUpgrade(publicKeyHex: "") { _, _ in EchoHandler() }

    /// A relay connection whose 101 has been taken.
    private func relayed(_ limits: TransportLimits = TransportLimits()) throws -> InMemoryServer {
        let server = try InMemoryServer(relay: Self.relay, limits: limits)
        server.receive(UpgradeText.webSocket(target: "/derp", subprotocol: "derp"))
        let answer = try #require(ParsedAnswer.all(try server.takeText()).first)
        #expect(answer.status == "101")
        #expect(answer.fields["sec-websocket-protocol"] == "derp")
        return server
    }

    private func frames(_ server: InMemoryServer) throws -> WebSocketClientFrames {
        var frames = WebSocketClientFrames()
        _ = frames.receive(try server.takeBytes())
        return frames
    }

    @Test("the handshake is answered for any origin, without extensions")
    func handshake() throws {
        let server = try InMemoryServer()
        server.receive(UpgradeText.webSocket(initiation: try server.initiator().initiation))
        let answer = try #require(ParsedAnswer.all(String(decoding: try server.takeBytes(), as: UTF8.self)).first)
        #expect(answer.status == "101")
        #expect(answer.fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(answer.fields["sec-websocket-protocol"] == "tailscale-control-protocol")
        #expect(answer.fields["upgrade"] == "websocket")
        #expect(answer.fields["sec-websocket-extensions"] == nil)
    }

    @Test("a request goes through Noise in binary messages, without an early payload", arguments: [nil, 1, 7])
    func roundTrip(size: Int?) throws {
        let server = try InMemoryServer()
        let client = try InMemoryClient(server, pieces: size, isWebSocket: true)
        if let size { client.records.recordPlaintextMax = size }
        let stream = try client.open("POST", "/body", body: ByteBuffer(repeating: 9, count: 2000))
        #expect(stream.received.body == [UInt8](repeating: 9, count: 2000))
        #expect(client.records.earlyJSON == nil)
        #expect(client.webSocket?.frames.allSatisfy { $0.first == 0x82 } == true)
        #expect(server.counters[.webSocketUpgrades] == 1)
    }

    @Test("a violation inside closes with 1008")
    func policyViolation() throws {
        let server = try InMemoryServer()
        let client = try InMemoryClient(server, isWebSocket: true)
        client.tamper = { $0[$0.count - 1] ^= 1 }
        _ = try client.open("POST", "/x")
        #expect(!server.isOpen)
        #expect(client.webSocket?.closeCode == 1008)
    }

    @Test("a handshake that fails is refused in Noise and closed with 1008")
    func badInitiation() throws {
        let server = try InMemoryServer()
        server.receive(UpgradeText.webSocket(initiation: [1, 2, 3]))
        let bytes = try server.takeBytes()
        let end = try #require(bytes.firstRange(of: Array("\r\n\r\n".utf8))).upperBound
        var frames = WebSocketClientFrames()
        let payload = frames.receive(Array(bytes[end...]))
        #expect(HandshakeRefusal.decode(payload) == "the handshake is malformed")
        #expect(frames.closeCode == 1008)
        #expect(!server.isOpen)
    }

    @Test("a handshake of another version is refused")
    func otherVersion() throws {
        let server = try InMemoryServer(relay: Self.relay)
        server.receive(UpgradeText.webSocket(target: "/derp", subprotocol: "derp", version: 8))
        #expect(ParsedAnswer.all(try server.takeText()).map(\.status) == ["400"])
    }

    @Test("messages are bytes, in one frame or in many")
    func messages() throws {
        let server = try relayed()
        server.receive(
            WebSocketClientFrames.binary([1]) + WebSocketClientFrames.frame(0x02, [2])
                + WebSocketClientFrames.frame(0x00, []) + WebSocketClientFrames.frame(0x89, [7])
                + WebSocketClientFrames.frame(0x80, [3]),
            pieces: 2
        )
        let frames = try frames(server).frames
        #expect(frames.filter { $0.first == 0x82 }.flatMap(\.payload) == [1, 2, 3])
        #expect(frames.filter { $0.first == 0x8a }.map(\.payload) == [[7]])
    }

    @Test(
        "what breaks the protocol is answered with the right code",
        arguments: [
            (WebSocketClientFrames.frame(0x81, [0x61]), 1003),
            (WebSocketClientFrames.frame(0x82, [1], isMasked: false), 1002),
            (WebSocketClientFrames.frame(0xc2, [1]), 1002),
            (WebSocketClientFrames.frame(0x80, [1]), 1002),
            (WebSocketClientFrames.frame(0x02, [1]) + WebSocketClientFrames.frame(0x82, [1]), 1002),
            (WebSocketClientFrames.frame(0x83, [1]), 1002),
            (WebSocketClientFrames.frame(0x88, []), 1000),
        ] as [([UInt8], Int)]
    )
    func violations(bytes: [UInt8], code: Int) throws {
        let server = try relayed()
        server.receive(bytes)
        #expect(try frames(server).closeCode == code)
        #expect(!server.isOpen)
    }

    @Test("a frame over the limit is answered 1009")
    func tooLarge() throws {
        var limits = TransportLimits()
        limits.webSocketFrameBytesMax = 1000
        let server = try relayed(limits)
        server.receive(WebSocketClientFrames.binary([UInt8](repeating: 1, count: 1001)))
        #expect(try frames(server).closeCode == 1009)
        #expect(!server.isOpen)
        #expect(server.counters[.webSocketViolations] == 1)
    }

    @Test("a close by the server says that it is going away")
    func goingAway() throws {
        let server = try relayed()
        server.channel.close(promise: nil)
        #expect(try frames(server).closeCode == 1001)
    }
}
