// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Logging
import NIOCore
import NIOEmbedded
import NeedleNoise
import NeedleTesting
import NeedleTypes
import Testing

@testable import NeedleTransport

/// The inner handler without Noise in a channel whose fullness is the test's to say; the client is frames by hand.
final class PlainConnection {
    let loop = EmbeddedEventLoop()
    let channel: EmbeddedChannel
    let router = RecordingRouter()
    let counters = TransportCounters()
    private let gate: WriteGate

    init(
        router: (any InnerRouter)? = nil,
        limits: TransportLimits = TransportLimits(),
        settings: [(UInt16, UInt32)] = [(4, 1 << 30)],
        fillsAtFlush: Bool = false
    ) throws {
        channel = EmbeddedChannel(loop: loop)
        gate = WriteGate()
        var random = SeededRandom(seed: 5)
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
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        try channel.pipeline.syncOperations.addHandler(gate)
        let key = try MachineKeyPair(MachinePrivateKey.generate(using: &random)).publicKey
        try InnerPipeline.add(
            to: channel,
            shared: shared,
            router: router ?? self.router,
            peer: InnerPeer(noiseKey: key, version: .current, remote: nil),
            ticket: nil
        )
        receive(HTTP2ServerMachine.preface + HTTP2TestFrame.settings(settings).bytes)
        receive([.settingsAcknowledgement])
        _ = try takeFrames()
        gate.fillsAtFlush = fillsAtFlush
    }

    /// How often something was written.
    var writes: Int {
        get { gate.writes }
        set { gate.writes = newValue }
    }

    /// Whether what is written never reaches the socket.
    var holdsWrites: Bool {
        get { gate.holdsWrites }
        set { gate.holdsWrites = newValue }
    }

    func receive(_ bytes: [UInt8]) {
        channel.pipeline.fireChannelRead(ByteBuffer(bytes: bytes))
        channel.pipeline.fireChannelReadComplete()
        loop.run()
    }

    func receive(_ frames: [HTTP2TestFrame]) {
        receive(frames.flatMap(\.bytes))
    }

    /// Lets the connection send a gibibyte.
    func openWindow() throws {
        receive([.windowUpdate(0, 1 << 30)])
    }

    /// Opens a stream whose answer has begun.
    func start(stream: UInt32) throws -> InnerExchange {
        receive([.headers(stream, HTTP2TestBlock.post), .data(stream, "{}", ends: true)])
        let exchange = try #require(router.exchanges.last)
        exchange.startStream()
        loop.run()
        _ = try takeFrames()
        gate.isArmed = true
        return exchange
    }

    /// The socket has taken everything, and the channel has room again.
    func letThrough() {
        channel.isWritable = true
        channel.pipeline.fireChannelWritabilityChanged()
        loop.run()
    }

    func takeFrames() throws -> [HTTP2TestFrame] {
        var bytes: [UInt8] = []
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
        return try HTTP2TestFrame.all(in: bytes)
    }

    deinit {
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }
}

/// Counts writes, and fills the channel at every flush once it is armed.
private final class WriteGate: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    var writes = 0
    var fillsAtFlush = false
    var isArmed = false
    var holdsWrites = false
    private var held: [EventLoopPromise<Void>?] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        writes += 1
        if holdsWrites {
            held.append(promise)
            return
        }
        context.write(data, promise: promise)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        guard isArmed, fillsAtFlush, let channel = context.channel as? EmbeddedChannel else { return }
        channel.isWritable = false
        context.fireChannelWritabilityChanged()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        for promise in held { promise?.fail(ChannelError.ioOnClosedChannel) }
    }
}
