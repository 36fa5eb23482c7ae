// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Logging
import NIOCore
import NIOPosix
import NeedleNoise
import NeedleTesting
import NeedleTypes

@testable import NeedleTransport

/// The inner handler on a loopback port without Noise, for clients that speak plain HTTP/2 from the first byte.
final class PlainHTTP2Server: Sendable {
    let counters: TransportCounters
    private let channel: any Channel

    private init(channel: any Channel, counters: TransportCounters) {
        self.channel = channel
        self.counters = counters
    }

    static func start(
        router: any InnerRouter = EchoRouter(),
        limits: TransportLimits = TransportLimits()
    ) async throws -> PlainHTTP2Server {
        let counters = TransportCounters()
        var random = SeededRandom(seed: 3)
        let key = try MachineKeyPair(MachinePrivateKey.generate(using: &random)).publicKey
        let shared = FrontDoorContext(
            limits: limits,
            counters: counters,
            ledger: ConnectionLedger(limits: limits),
            bodies: BodyBudget(bytesMax: limits.bodyBytesInAllMax),
            routes: TestRoutes.table,
            noise: nil,
            relay: nil,
            logger: TestServer.logger
        )
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let peer = InnerPeer(noiseKey: key, version: .current, remote: nil)
                    try InnerPipeline.add(to: channel, shared: shared, router: router, peer: peer, ticket: nil)
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        return PlainHTTP2Server(channel: channel, counters: counters)
    }

    /// Where it listens.
    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

    func stop() async throws {
        try await channel.close()
    }
}
