// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import NeedleNoise
import Testing

@testable import NeedleTransport

@Suite("The Noise handler")
struct NoiseHandlerTests {
    private func channel(_ transport: NoiseTransport, counters: TransportCounters) throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        let handler = NoiseHandler(transport: transport, allocator: channel.allocator, counters: counters)
        try channel.pipeline.syncOperations.addHandler(handler)
        return channel
    }

    @Test("what is written between two flushes leaves as one buffer, and its promises follow it")
    func oneBuffer() throws {
        let pair = try NoisePair()
        let channel = try channel(pair.server, counters: TransportCounters())
        let writes = (0..<20).map { _ in channel.write(ByteBuffer(repeating: 7, count: 1000)) }
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
        channel.flush()
        let buffer = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(buffer.readableBytes == 20_000 + 5 * 19)
        #expect(try channel.readOutbound(as: ByteBuffer.self) == nil)
        for write in writes { try write.wait() }
        _ = try channel.finish()
    }

    @Test("what is written and not flushed leaves with a close")
    func closeFlushes() throws {
        let channel = try channel(try NoisePair().server, counters: TransportCounters())
        channel.write(ByteBuffer(string: "last words"), promise: nil)
        channel.close(promise: nil)
        #expect(try channel.readOutbound(as: ByteBuffer.self)?.readableBytes == 10 + 19)
    }

    @Test("a forged record closes the connection, counts, and fails what was waiting")
    func forged() throws {
        let counters = TransportCounters()
        var pair = try NoisePair()
        let channel = try channel(pair.server, counters: counters)
        let waiting = channel.write(ByteBuffer(string: "waiting"))
        var record = try pair.client.sealer.seal([1, 2, 3])
        record[5] ^= 1
        #expect(throws: NoiseError.self) { try channel.writeInbound(ByteBuffer(bytes: record)) }
        #expect(!channel.isActive)
        #expect(counters[.noiseRecordFailures] == 1)
        #expect(throws: NoiseError.self) { try waiting.wait() }
        #expect(throws: (any Error).self) { try channel.write(ByteBuffer(string: "late")).wait() }
    }

    @Test("an oversized record closes the connection as soon as its header is there")
    func oversized() throws {
        let channel = try channel(try NoisePair().server, counters: TransportCounters())
        #expect(throws: NoiseError.self) { try channel.writeInbound(ByteBuffer(bytes: [4, 0x10, 0x00])) }
        #expect(!channel.isActive)
    }
}
