// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import NeedleNoise
import NeedleTesting
import Testing

@testable import NeedleTransport

@Suite("Garbage")
struct GarbageTests {
    private static let relay = RelayUpgrade(publicKeyHex: "") { _, _ in EchoHandler() }

    private final class EchoHandler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(data, promise: nil)
        }
    }

    private func mutate(_ bytes: [UInt8], using random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
            let index = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &random)
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: index)
            default: bytes.insert(contentsOf: bytes[index...].prefix(40), at: index)
            }
        }
        return bytes
    }

    /// Delivers in random cuts, then closes; nothing may stay counted.
    private func deliver(_ bytes: [UInt8], to server: InMemoryServer, using random: inout SeededRandom) {
        var rest = bytes[...]
        while !rest.isEmpty, server.isOpen {
            let piece = rest.prefix(Int.random(in: 1...200, using: &random))
            server.receive(piece)
            rest = rest.dropFirst(piece.count)
        }
        server.advance(by: .minutes(30))
        server.channel.close(promise: nil)
        server.loop.run()
        #expect(server.bodies.taken == 0)
        #expect(server.ledger.halfOpenCount == 0)
    }

    @Test("damaged requests neither trap nor stay counted", arguments: 1...300)
    func requests(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let server = try InMemoryServer(relay: Self.relay)
        let frames = WebSocketClientFrames.binary([1, 2]) + WebSocketClientFrames.frame(0x89, [3])
        let templates = [
            Array("GET /key?v=1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc".utf8),
            Array("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".utf8),
            Array("GET /derp HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: DERP\r\n\r\nabcdef".utf8),
            Array(UpgradeText.webSocket(target: "/derp", subprotocol: "derp").utf8) + frames,
            Array(UpgradeText.noise(initiation: try server.initiator().initiation).utf8) + [4, 0, 16],
        ]
        let template = templates[Int(seed) % templates.count]
        deliver(mutate(template, using: &random), to: server, using: &random)
    }

    @Test("damaged frames inside Noise neither trap nor stay counted", arguments: 1...200)
    func innerFrames(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let server = try InMemoryServer()
        let client = try InMemoryClient(server, isWebSocket: seed.isMultiple(of: 2))
        // HEADERS for POST / on stream 1, DATA with END_STREAM, PING, WINDOW_UPDATE, RST_STREAM of stream 3.
        let headers: [UInt8] = [0x83, 0x87, 0x84, 0x01, 0x01, 0x61]
        let frames: [UInt8] =
            [0, 0, 6, 1, 4, 0, 0, 0, 1] + headers + [0, 0, 3, 0, 1, 0, 0, 0, 1, 0x61, 0x62, 0x63]
            + [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8] + [0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0]
            + [0, 0, 6, 1, 4, 0, 0, 0, 3] + headers + [0, 0, 4, 3, 0, 0, 0, 0, 3, 0, 0, 0, 8]
        try client.sendRaw(mutate(frames, using: &random))
        try client.sendRaw(mutate(frames, using: &random))
        deliver([], to: server, using: &random)
    }
}
