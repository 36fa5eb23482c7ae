// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL
import NeedleNoise
import NeedleTypes

/// A control client over a socket: upgrade, Noise, HTTP/2, requests.
final class ControlClient: Sendable {
    /// How to connect.
    struct Options: Sendable {
        var version = CapabilityVersion.current
        var isSecure = false
        /// The whole opening is written in pieces of this size.
        var pieceBytes: Int?
        var method = "POST"
        var target = "/ts2021"
        var windowBytes = 65_535
    }

    let channel: any Channel
    let multiplexer: NIOHTTP2Handler.StreamMultiplexer

    private init(channel: any Channel, multiplexer: NIOHTTP2Handler.StreamMultiplexer) {
        self.channel = channel
        self.multiplexer = multiplexer
    }

    /// Connects and makes the handshake.
    static func connect(
        to server: Endpoint,
        serverKey: MachineKey,
        machineKey: MachinePrivateKey,
        options: Options = Options(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> ControlClient {
        var random = SystemRandomNumberGenerator()
        let ephemeral = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let ready = group.next().makePromise(of: Ready.self)
        let bootstrap = ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let initiator = try NoiseInitiator(
                        version: options.version,
                        machineKey: machineKey,
                        serverKey: serverKey,
                        ephemeral: ephemeral
                    )
                    let handler = ClientUpgradeHandler(initiator: initiator, options: options, ready: ready)
                    if options.isSecure {
                        try channel.pipeline.syncOperations.addHandler(TestTLS.clientHandler())
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        do {
            let channel = try await bootstrap.connect(host: "\(server.address)", port: Int(server.port)).get()
            return ControlClient(channel: channel, multiplexer: try await ready.futureResult.get().multiplexer)
        } catch {
            ready.fail(error)
            throw error
        }
    }

    /// What the handshake leads to.
    struct Ready: Sendable {
        let multiplexer: NIOHTTP2Handler.StreamMultiplexer
    }

    /// Sends a request; the answer is collected in what is returned.
    func open(
        _ method: String,
        _ path: String,
        headers: HPACKHeaders = [:],
        body: ByteBuffer? = nil,
        ends: Bool = true
    ) async throws -> ClientStream {
        let stream = ClientStream()
        var fields: HPACKHeaders = [
            ":method": method, ":path": path, ":scheme": "https", ":authority": "unused",
        ]
        fields.add(contentsOf: headers)
        let request = fields
        _ = try await multiplexer.createStreamChannel { channel in
            channel.eventLoop.makeCompletedFuture {
                let handler = ClientStreamHandler(headers: request, body: body, ends: ends, stream: stream)
                try channel.pipeline.syncOperations.addHandler(handler)
            }
        }.get()
        return stream
    }

    /// Sends a request and waits for the whole answer.
    func request(
        _ method: String,
        _ path: String,
        headers: HPACKHeaders = [:],
        body: ByteBuffer? = nil
    ) async throws -> ClientStream.Received {
        try await open(method, path, headers: headers, body: body).wait({ $0.hasEnded }, on: channel.eventLoop)
    }

    /// Closes the connection.
    func close() async throws {
        try? await channel.close().get()
    }
}

/// Speaks HTTP/1.1 up to the 101, takes the server's handshake message, and makes room for HTTP/2.
private final class ClientUpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let initiation: [UInt8]
    private var finish: ((_ response: [UInt8]) throws -> NoiseTransport)?
    private let options: ControlClient.Options
    private let ready: EventLoopPromise<ControlClient.Ready>
    private var received: [UInt8] = []

    init(
        initiator: consuming NoiseInitiator,
        options: ControlClient.Options,
        ready: EventLoopPromise<ControlClient.Ready>
    ) {
        initiation = initiator.initiation
        var held: NoiseInitiator? = consume initiator
        finish = { response in
            guard let initiator = held.take() else { throw ChannelError.alreadyClosed }
            return try initiator.receive(response: response)
        }
        self.options = options
        self.ready = ready
    }

    func channelActive(context: ChannelHandlerContext) {
        let request = UpgradeText.noise(initiation: initiation, method: options.method, target: options.target)
        for piece in Array(request.utf8).chunked(options.pieceBytes) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: piece)), promise: nil)
        }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytesView
        guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
        let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
        guard head.hasPrefix("HTTP/1.1 101 ") else {
            ready.fail(UnexpectedAnswer(text: String(decoding: received, as: UTF8.self)))
            return context.close(promise: nil)
        }
        let body = Array(received[end.upperBound...])
        if body.first == ControlMessageType.error.rawValue, let text = HandshakeRefusal.decode(body) {
            ready.fail(NoiseError.refused(text))
            return context.close(promise: nil)
        }
        guard body.count >= ControlMessageSize.response else { return }
        do {
            guard let finish else { return }
            let transport = try finish(Array(body.prefix(ControlMessageSize.response)))
            let records = ClientRecordHandler(transport: transport)
            let http2 = NIOHTTP2Handler(
                mode: .client,
                eventLoop: context.eventLoop,
                connectionConfiguration: ClientHTTP2.configuration(windowBytes: options.windowBytes),
                streamConfiguration: ClientHTTP2.streams(windowBytes: options.windowBytes)
            ) { $0.close() }
            try context.pipeline.syncOperations.addHandlers([records, http2])
            let rest = body.dropFirst(ControlMessageSize.response)
            if !rest.isEmpty {
                context.fireChannelRead(NIOAny(ByteBuffer(bytes: rest)))
                context.fireChannelReadComplete()
            }
            ready.succeed(ControlClient.Ready(multiplexer: try http2.syncMultiplexer()))
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        } catch {
            ready.fail(error)
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        ready.fail(UnexpectedAnswer(text: String(decoding: received, as: UTF8.self)))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ready.fail(error)
        context.close(promise: nil)
    }
}

/// The settings of the client's HTTP/2.
enum ClientHTTP2 {
    static func configuration(windowBytes: Int = 65_535) -> NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        configuration.initialSettings = [
            HTTP2Setting(parameter: .enablePush, value: 0),
            HTTP2Setting(parameter: .initialWindowSize, value: windowBytes),
        ]
        return configuration
    }

    /// With `windowBytes` of 0 the window is never opened.
    static func streams(windowBytes: Int) -> NIOHTTP2Handler.StreamConfiguration {
        var configuration = NIOHTTP2Handler.StreamConfiguration()
        configuration.targetWindowSize = windowBytes
        return configuration
    }
}

/// Something else than a 101 came.
struct UnexpectedAnswer: Error {
    let text: String
}

extension Array {
    /// In pieces of `size`, or whole.
    func chunked(_ size: Int?) -> [ArraySlice<Element>] {
        guard let size, size > 0 else { return [self[...]] }
        return stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
