// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import Testing

@testable import NeedleTransport

@Suite("The first byte")
struct FirstByteSnifferTests {
    /// What the sniffer led to.
    private final class Outcome {
        var kinds: [FirstByteSniffer.Kind] = []
        var expirations = 0
    }

    private func channel(_ outcome: Outcome) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        let sniffer = FirstByteSniffer(
            deadline: .seconds(15),
            expired: { outcome.expirations += 1 },
            found: { kind, _ in outcome.kinds.append(kind) }
        )
        try channel.pipeline.syncOperations.addHandler(sniffer)
        return channel
    }

    @Test(
        "only 0x16 means TLS, and no byte is lost",
        arguments: [(0x16, .tls), (0x47, .plain), (0x50, .plain), (0x00, .plain), (0x17, .plain)]
            as [(UInt8, FirstByteSniffer.Kind)]
    )
    func kinds(byte: UInt8, kind: FirstByteSniffer.Kind) throws {
        let outcome = Outcome()
        let channel = try channel(outcome)
        try channel.writeInbound(ByteBuffer())
        #expect(outcome.kinds.isEmpty)
        try channel.writeInbound(ByteBuffer(bytes: [byte, 1, 2]))
        #expect(outcome.kinds == [kind])
        #expect(try channel.readInbound(as: ByteBuffer.self) == ByteBuffer(bytes: [byte, 1, 2]))
        try channel.writeInbound(ByteBuffer(bytes: [0x16]))
        #expect(outcome.kinds == [kind])
        #expect(try channel.readInbound(as: ByteBuffer.self) == ByteBuffer(bytes: [0x16]))
        channel.embeddedEventLoop.advanceTime(by: .minutes(1))
        #expect(channel.isActive)
        _ = try channel.finish()
    }

    @Test("a silent connection is closed, but not early")
    func silent() throws {
        let outcome = Outcome()
        let channel = try channel(outcome)
        channel.embeddedEventLoop.advanceTime(by: .seconds(14))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
        #expect(outcome.expirations == 1)
    }

    @Test("at shutdown a silent connection is closed")
    func shutdown() throws {
        let outcome = Outcome()
        let channel = try channel(outcome)
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(!channel.isActive)
        #expect(outcome.expirations == 0)
    }
}
