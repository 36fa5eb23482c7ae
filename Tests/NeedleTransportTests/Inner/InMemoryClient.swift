// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import NIOHPACK
import NIOHTTP2
import NeedleNoise
import NeedleTypes
import Testing

@testable import NeedleTransport

/// A control client back to back with an ``InMemoryServer``: bytes move when ``pump()`` is called.
final class InMemoryClient {
    let server: InMemoryServer
    let channel: EmbeddedChannel
    let records: ClientRecordHandler
    private let http2: NIOHTTP2Handler
    private let goodbye = GoAwayWatcher()
    /// Ciphertext to the server is changed by this on its way.
    var tamper: ((inout [UInt8]) -> Void)?
    /// Messages around the records, on a WebSocket.
    private(set) var webSocket: WebSocketClientFrames?

    /// Upgrades and makes the handshake.
    init(
        _ server: InMemoryServer,
        version: CapabilityVersion = .current,
        windowBytes: Int = 65_535,
        pieces: Int? = nil,
        isWebSocket: Bool = false
    ) throws {
        self.server = server
        let initiator = try server.initiator(version: version)
        let request =
            isWebSocket
            ? UpgradeText.webSocket(initiation: initiator.initiation)
            : UpgradeText.noise(initiation: initiator.initiation)
        server.receive(request, pieces: pieces)
        var answer = try server.takeBytes()
        let end = try #require(answer.firstRange(of: Array("\r\n\r\n".utf8))).upperBound
        answer.removeFirst(end)
        if isWebSocket {
            webSocket = WebSocketClientFrames()
            answer = webSocket?.receive(answer) ?? []
        }
        let response = answer.prefix(ControlMessageSize.response)
        records = ClientRecordHandler(transport: try initiator.receive(response: Array(response)))
        channel = EmbeddedChannel(loop: server.loop)
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.2", port: 1)).wait()
        http2 = NIOHTTP2Handler(
            mode: .client,
            eventLoop: server.loop,
            connectionConfiguration: ClientHTTP2.configuration(windowBytes: windowBytes),
            streamConfiguration: ClientHTTP2.streams(windowBytes: windowBytes)
        ) { $0.close() }
        try channel.pipeline.syncOperations.addHandlers([records, http2, goodbye])
        deliver(answer[response.endIndex...])
        try pump()
    }

    /// The error codes of the GOAWAY frames that came.
    var goAways: [HTTP2ErrorCode] { goodbye.codes }

    /// Moves bytes between the two until neither has any.
    func pump() throws {
        while try pumpOnce() {}
        if !server.isOpen, channel.isActive { channel.close(promise: nil) }
    }

    /// Moves what the two have for each other now.
    ///
    /// - Returns: whether there was anything.
    @discardableResult
    func pumpOnce() throws -> Bool {
        var moved = false
        server.loop.run()
        while let buffer = try channel.readOutbound(as: ByteBuffer.self) {
            moved = true
            var bytes = Array(buffer.readableBytesView)
            tamper?(&bytes)
            if webSocket != nil { bytes = WebSocketClientFrames.binary(bytes) }
            if server.isOpen { server.receive(bytes) }
        }
        for buffer in try server.takeBuffers() {
            moved = true
            let bytes = Array(buffer.readableBytesView)
            deliver(webSocket?.receive(bytes) ?? bytes)
        }
        return moved
    }

    /// Sends a request; the answer is collected as bytes are pumped.
    func open(
        _ method: String,
        _ path: String,
        headers: HPACKHeaders = [:],
        body: ByteBuffer? = nil,
        ends: Bool = true,
        scheme: String = "https"
    ) throws -> ClientStream {
        let stream = ClientStream()
        var fields: HPACKHeaders = [":method": method, ":path": path, ":scheme": scheme, ":authority": "unused"]
        fields.add(contentsOf: headers)
        let request = fields
        try http2.syncMultiplexer().createStreamChannel(promise: nil) { channel in
            channel.eventLoop.makeCompletedFuture {
                let handler = ClientStreamHandler(headers: request, body: body, ends: ends, stream: stream)
                try channel.pipeline.syncOperations.addHandler(handler)
            }
        }
        try pump()
        return stream
    }

    /// Writes plaintext past HTTP/2, as a client that breaks its rules.
    func sendRaw(_ bytes: [UInt8]) throws {
        let context = try channel.pipeline.syncOperations.context(handler: records)
        records.write(context: context, data: NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
        context.flush()
        try pump()
    }

    private func deliver(_ bytes: some Collection<UInt8>) {
        channel.pipeline.fireChannelRead(ByteBuffer(bytes: bytes))
        channel.pipeline.fireChannelReadComplete()
    }

    deinit {
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }
}

/// Notes GOAWAY frames.
private final class GoAwayWatcher: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    var codes: [HTTP2ErrorCode] = []

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .goAway(_, let code, _) = unwrapInboundIn(data).payload { codes.append(code) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
