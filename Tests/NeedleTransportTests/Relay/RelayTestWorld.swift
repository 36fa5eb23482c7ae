// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import NeedleModel
import NeedleTesting
import NeedleTransport
import NeedleTypes
import NeedleWire
import Synchronization

/// A hub and connections to it on one simulated event loop.
final class RelayTestWorld {
    /// One connection and its client.
    final class Connection {
        let channel: EmbeddedChannel
        let stall: StallingHandler
        var client: RelayTestClient

        init(channel: EmbeddedChannel, stall: StallingHandler, client: RelayTestClient) {
            self.channel = channel
            self.stall = stall
            self.client = client
        }

        /// What has arrived since the last time.
        func received() throws -> [RelayTestClient.Received] {
            var messages: [RelayTestClient.Received] = []
            while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
                messages += try client.receive(buffer)
            }
            return messages
        }

        func send(_ buffer: ByteBuffer) throws {
            try channel.writeInbound(buffer)
        }

        func send(_ bytes: [UInt8], to other: Connection) throws {
            try send(RelayTestClient.packet(bytes, to: other.client.key))
        }
    }

    /// Who is not admitted; may change while connections are open.
    final class Admission: Sendable {
        private let refused = Mutex<Set<NodeKey>>([])
        private let answersLeft = Mutex(Int.max)

        func refuse(_ key: NodeKey) { refused.withLock { _ = $0.insert(key) } }

        /// After so many questions everybody is refused.
        func refuseAll(afterQuestions count: Int) { answersLeft.withLock { $0 = count } }

        func admits(_ key: NodeKey) -> Bool {
            let answers = answersLeft.withLock { left in
                left -= 1
                return left >= 0
            }
            return answers && !refused.withLock { $0.contains(key) }
        }
    }

    let loop = EmbeddedEventLoop()
    let hub: RelayHub
    let admission = Admission()

    init(limits: RelayLimits = RelayLimits()) throws {
        var random = SeededRandom(seed: 42)
        hub = try RelayHub(
            serverKey: NodePrivateKey.generate(using: &random),
            admit: { [admission] key, _ in admission.admits(key) },
            limits: limits,
            random: random
        )
    }

    /// A connection that has not logged in.
    func open(_ number: Int) throws -> Connection {
        let stall = StallingHandler()
        let channel = EmbeddedChannel(loop: loop)
        try channel.pipeline.syncOperations.addHandlers([stall, RelayHandler(hub: hub, source: nil)])
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        loop.run()
        return Connection(channel: channel, stall: stall, client: try RelayTestClient(number: number))
    }

    /// A connection that has logged in, and has nothing to read.
    func connect(_ number: Int) throws -> Connection {
        let connection = try open(number)
        try connection.send(connection.client.login(sealedFor: hub.publicKey))
        loop.run()
        _ = try connection.received()
        return connection
    }
}

/// Holds writes back while told to, like a client that does not read.
final class StallingHandler: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private var held: [(ByteBuffer, EventLoopPromise<Void>?)] = []
    private(set) var isStalling = false

    var heldBytes: Int { held.reduce(0) { $0 + $1.0.readableBytes } }

    func stall() {
        isStalling = true
    }

    func resume(_ channel: EmbeddedChannel) throws {
        isStalling = false
        let context = try channel.pipeline.syncOperations.context(handler: self)
        let writes = held
        held = []
        for (buffer, promise) in writes { context.writeAndFlush(NIOAny(buffer), promise: promise) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isStalling {
            held.append((unwrapOutboundIn(data), promise))
        } else {
            context.write(data, promise: promise)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        for (_, promise) in held { promise?.fail(ChannelError.alreadyClosed) }
        held = []
    }
}
