// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOPosix
import NeedleModel
import NeedleTesting
import NeedleTransport
import NeedleTypes
import NeedleWire
import Testing

@Suite(.timeLimit(.minutes(1))) struct RelaySocketTests {
    private func withRelay(_ body: (RelayHub, SocketAddress, any EventLoopGroup) async throws -> Void) async throws {
        var random = SeededRandom(seed: 7)
        let hub = try RelayHub(
            serverKey: NodePrivateKey.generate(using: &random),
            admit: { _, source in source == IPAddress(text: "127.0.0.1") }
        )
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let server = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let source = channel.remoteAddress?.ipAddress.flatMap { IPAddress(text: $0) }
                    try channel.pipeline.syncOperations.addHandler(RelayHandler(hub: hub, source: source))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let address = try #require(server.localAddress)
        try await body(hub, address, group)
        hub.closeAll()
        try await server.close()
        try await group.shutdownGracefully()
    }

    private func packet(_ bytes: [UInt8], from other: RelaySocketClient) -> RelayTestClient.Received {
        .recvPacket(from: other.client.key, packet: ByteBuffer(bytes: bytes))
    }

    @Test("two clients exchange packets over sockets, and one learns that the other has gone")
    func exchange() async throws {
        try await withRelay { hub, address, group in
            let one = try await RelaySocketClient.connect(1, to: address, on: group)
            let two = try await RelaySocketClient.connect(2, to: address, on: group)
            for length in [0, 1, 100, 1_400, 65_536] {
                let bytes = Array(repeating: UInt8(truncatingIfNeeded: length), count: length)
                try await one.send(bytes, to: two)
                #expect(try await two.next() == packet(bytes, from: one))
                try await two.send(bytes, to: one)
                #expect(try await one.next() == packet(bytes, from: two))
            }
            try await one.send(RelayTestClient.bytes(of: .ping(4)))
            #expect(try await one.next() == .pong(4))
            try await two.channel.close()
            #expect(try await one.next() == .peerGone(two.client.key, .disconnected))
            #expect(!hub.isConnected(two.client.key))
            hub.disconnect(one.client.key)
            #expect(try await one.next() == nil)
        }
    }

    @Test("many clients on several loops lose nothing while their queues suffice")
    func ring() async throws {
        try await withRelay { hub, address, group in
            var clients: [RelaySocketClient] = []
            for number in 0..<8 {
                clients.append(try await RelaySocketClient.connect(number, to: address, on: group))
            }
            for round in 0..<20 {
                for (index, client) in clients.enumerated() {
                    var burst = ByteBuffer()
                    let next = clients[(index + 1) % clients.count].client.key
                    for number in 0..<24 {
                        burst.writeImmutableBuffer(RelayTestClient.packet([UInt8(round), UInt8(number)], to: next))
                    }
                    try await client.send(burst)
                }
                for (index, client) in clients.enumerated() {
                    let previous = clients[(index + clients.count - 1) % clients.count]
                    for number in 0..<24 {
                        #expect(try await client.next() == packet([UInt8(round), UInt8(number)], from: previous))
                    }
                }
            }
            #expect(hub.counters.packetsQueued == 8 * 20 * 24)
            #expect(hub.counters.drops.isEmpty)
        }
    }

    @Test("a stopping server closes every socket")
    func closeAll() async throws {
        try await withRelay { hub, address, group in
            let one = try await RelaySocketClient.connect(1, to: address, on: group)
            hub.closeAll()
            #expect(try await one.next() == nil)
        }
    }
}
