// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NIOSSL
internal import NeedleNoise
internal import NeedleTypes
internal import NeedleWire

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A client's connection to a control server: `/key`, upgrade, Noise, and HTTP/2 inside.
///
/// Bound to its channel's event loop. It holds a few hundred bytes of its own while nothing comes: records are opened
/// in the loop's scratch memory, one by one, and their contents handed on before the next.
///
/// ```
/// key ─▶ upgrade ─▶ handshake ─▶ open ─▶ ended
///  └────────┴───────────┴─────────────────▶
/// ```
final class ControlConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case key
        case upgrade
        case handshake
        case open
        case ended
    }

    private let opening: ControlOpening
    private let scratch: LoopScratch
    private weak var owner: (any ControlConnectionOwner)?
    private var phase = Phase.key
    private var context: ChannelHandlerContext?
    private var initiator: NoiseInitiator?
    private var transport: NoiseTransport?
    private var early = EarlyPayloadReader()
    private var http2: HTTP2ClientMachine
    private var receivers: [(stream: UInt32, receiver: any ResponseReceiver)] = []
    /// Bytes from the network that are not complete yet.
    private var held: ByteBuffer?
    /// Plaintext that is not complete yet: the rest of a small frame.
    private var heldPlaintext: ByteBuffer?
    private var output = ByteBuffer()
    private var isReading = false
    private var endSoFar: StreamEnd?
    /// The server's key, once it is known.
    private(set) var serverKey: MachineKey?
    /// Bytes that came from the network, TLS not counted.
    private(set) var bytesReceived = 0

    init(_ opening: ControlOpening, scratch: LoopScratch, owner: any ControlConnectionOwner) {
        self.opening = opening
        self.scratch = scratch
        self.owner = owner
        http2 = HTTP2ClientMachine(windows: opening.windows)
    }

    // MARK: - What clients do

    /// Makes a request; its response goes to `receiver`.
    func send(_ request: HTTP2Request, to receiver: any ResponseReceiver) -> UInt32? {
        guard phase == .open else {
            receiver.responseEnded(endSoFar ?? .failed(.notConnected))
            return nil
        }
        let stream = http2.request(request, into: &output)
        receivers.append((stream, receiver))
        flush()
        return stream
    }

    /// Gives a response up.
    func reset(stream: UInt32, code: UInt32 = 8) {
        guard phase == .open, let receiver = take(stream) else { return }
        http2.reset(stream: stream, code: code, into: &output)
        flush()
        receiver.responseEnded(.closedByClient)
    }

    /// Closes; abruptly means with a TCP reset, as a machine that crashes does.
    func close(abruptly: Bool = false) {
        guard phase != .ended, let context else { return finish(.closedByClient) }
        endSoFar = endSoFar ?? .closedByClient
        if abruptly {
            let channel = context.channel
            if let options = channel as? any SocketOptionProvider {
                options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
                return
            }
        }
        context.close(promise: nil)
    }

    /// Sends bytes as they are, below Noise.
    func sendRaw(_ bytes: ByteBuffer) {
        context?.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// Seals bytes into records, below HTTP/2.
    func sendPlaintext(_ bytes: ByteBuffer) {
        output.writeImmutableBuffer(bytes)
        flush()
    }

    /// Stops or goes on acknowledging what comes.
    func withholdWindowUpdates(_ withholds: Bool) {
        http2.withholdsWindowUpdates = withholds
    }

    // MARK: - What the channel says

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        bytesReceived += bytes.readableBytes
        isReading = true
        if var earlier = held.take() {
            earlier.writeBuffer(&bytes)
            bytes = earlier
        }
        do throws(ClientError) {
            if phase != .open { try takeOpening(&bytes) }
            if phase == .open { try takeRecords(&bytes) }
        } catch {
            return fail(error)
        }
        // A copy of its own, so that the read buffer is not kept for the rest of a record.
        if bytes.readableBytes > 0, phase != .ended { held = ByteBuffer(bytes: bytes.readableBytesView) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flush()
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(endSoFar ?? .disconnected)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish(endSoFar ?? .disconnected)
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case is NIOSSLError, is BoringSSLError: fail(.tls("\(error)"))
        default:
            endSoFar = endSoFar ?? .disconnected
            context.close(promise: nil)
        }
    }

    // MARK: - Opening

    private func begin(_ context: ChannelHandlerContext) {
        guard phase == .key, initiator == nil else { return }
        if let key = opening.serverKey {
            do throws(ClientError) { try upgrade(key) } catch { fail(error) }
        } else {
            send(OpeningRequests.key(of: opening.target, version: opening.version))
        }
    }

    private func upgrade(_ key: MachineKey) throws(ClientError) {
        let made: [UInt8]
        do throws(NoiseError) {
            made = try initiation(for: key)
        } catch {
            throw .noise(error)
        }
        phase = .upgrade
        serverKey = key
        send(OpeningRequests.upgrade(of: opening.target, initiation: opening.alterInitiation?(made) ?? made))
    }

    private func initiation(for key: MachineKey) throws(NoiseError) -> [UInt8] {
        let started = try NoiseInitiator(
            version: opening.version,
            machine: opening.machine,
            serverKey: key,
            ephemeral: opening.ephemeral
        )
        let message = started.initiation
        initiator = consume started
        return message
    }

    private func takeOpening(_ bytes: inout ByteBuffer) throws(ClientError) {
        if phase == .key {
            guard let response = try HTTPResponseReader.next(&bytes) else { return }
            guard response.status == 200, let key = Self.key(in: response) else {
                throw .noServerKey(status: response.status, text: response.text)
            }
            try upgrade(key)
        }
        if phase == .upgrade {
            guard let response = try HTTPResponseReader.next(&bytes) else { return }
            guard response.status == 101, response.fields["upgrade"] == OpeningRequests.protocolName else {
                throw .upgradeRefused(status: response.status, text: response.text)
            }
            phase = .handshake
        }
        if phase == .handshake { try takeHandshake(&bytes) }
    }

    private static func key(in response: HTTPResponse) -> MachineKey? {
        guard let keys = try? OverTLSPublicKeyResponse.decode(response.body), !keys.publicKey.isZero else { return nil }
        return keys.publicKey
    }

    private func takeHandshake(_ bytes: inout ByteBuffer) throws(ClientError) {
        guard let head = bytes.getBytes(at: bytes.readerIndex, length: ControlMessageSize.header) else { return }
        guard let header = RecordHeader(bytes: head) else { throw .noise(.wrongType(.response, found: head[0])) }
        let count = ControlMessageSize.header + Int(header.length)
        guard let message = bytes.readBytes(length: count) else { return }
        guard let initiator = initiator.take() else { return }
        do throws(NoiseError) {
            transport = try initiator.receive(response: message)
        } catch {
            throw .noise(error)
        }
        phase = .open
        http2.open(into: &output)
        owner?.connectionOpened(self)
        flush()
    }

    private func send(_ text: String) {
        sendRaw(ByteBuffer(string: text))
    }

    // MARK: - Records

    private func takeRecords(_ bytes: inout ByteBuffer) throws(ClientError) {
        while phase == .open, bytes.readableBytes >= ControlMessageSize.header {
            let start = bytes.readerIndex
            guard let type: UInt8 = bytes.getInteger(at: start), let high: UInt8 = bytes.getInteger(at: start + 1),
                let low: UInt8 = bytes.getInteger(at: start + 2)
            else { return }
            guard let header = RecordHeader(type, high, low) else { throw .noise(.wrongType(.record, found: type)) }
            guard bytes.readableBytes >= ControlMessageSize.header + Int(header.length) else { return }
            bytes.moveReaderIndex(forwardBy: ControlMessageSize.header)
            guard let content = bytes.readSlice(length: Int(header.length)) else { return }
            guard header.type == .record else {
                throw .noise(.refused(String(decoding: content.readableBytesView, as: UTF8.self)))
            }
            try open(content)
        }
    }

    /// Opens a record in the scratch memory, behind what the record before left over.
    private func open(_ ciphertext: ByteBuffer) throws(ClientError) {
        scratch.record.clear()
        if let rest = heldPlaintext.take() { scratch.record.writeImmutableBuffer(rest) }
        let start = scratch.record.writerIndex
        scratch.record.writeImmutableBuffer(ciphertext)
        var outcome = Result<Int, NoiseError>.success(0)
        scratch.record.withUnsafeMutableReadableBytes { memory in
            do throws(NoiseError) {
                let sealed = UnsafeMutableRawBufferPointer(rebasing: memory[start...])
                outcome = .success(try transport?.opener.open(inPlace: sealed) ?? 0)
            } catch {
                outcome = .failure(error)
            }
        }
        do throws(NoiseError) {
            let count = try outcome.get()
            scratch.record.moveWriterIndex(to: start + count)
            if !early.isSettled { try takeEarlyPayload() }
        } catch {
            throw .noise(error)
        }
        try takeFrames()
    }

    private func takeEarlyPayload() throws(NoiseError) {
        let bytes = scratch.record.readBytes(length: scratch.record.readableBytes) ?? []
        guard !bytes.isEmpty else { return }
        let progress = try early.receive(bytes)
        scratch.record.clear()
        scratch.record.writeBytes(progress.http2)
    }

    private func takeFrames() throws(ClientError) {
        do throws(HTTP2Violation) {
            while let event = try http2.next(&scratch.record, output: &output) {
                handle(event)
                guard phase == .open else { return }
            }
        } catch {
            throw .http2(error)
        }
        if scratch.record.readableBytes > 0 {
            heldPlaintext = ByteBuffer(bytes: scratch.record.readableBytesView)
        }
    }

    private func handle(_ event: HTTP2Event) {
        switch event {
        case .status(let stream, let status): receiver(of: stream)?.received(status: status)
        case .body(let stream, let bytes): receiver(of: stream)?.received(body: bytes)
        case .ended(let stream): take(stream)?.responseEnded(.finished)
        case .reset(let stream, let code): take(stream)?.responseEnded(.reset(code: code))
        case .goAway(let last, let code, let text):
            let end = StreamEnd.goAway(code: code, text: text)
            if code != 0 || endSoFar == nil { endSoFar = end }
            let unanswered = receivers.filter { $0.stream > last }
            receivers.removeAll { $0.stream > last }
            for (_, receiver) in unanswered { receiver.responseEnded(end) }
        }
    }

    private func receiver(of stream: UInt32) -> (any ResponseReceiver)? {
        receivers.first { $0.stream == stream }?.receiver
    }

    private func take(_ stream: UInt32) -> (any ResponseReceiver)? {
        guard let index = receivers.firstIndex(where: { $0.stream == stream }) else { return nil }
        return receivers.remove(at: index).receiver
    }

    // MARK: - Sending

    private func flush() {
        guard !isReading, output.readableBytes > 0, phase == .open, let context else { return }
        do throws(NoiseError) {
            let records = try seal()
            context.writeAndFlush(wrapOutboundOut(records), promise: nil)
        } catch {
            fail(.noise(error))
        }
    }

    private func seal() throws(NoiseError) -> ByteBuffer {
        let overhead = ControlMessageSize.header + ControlMessageSize.tag
        let count = output.readableBytes / ControlMessageSize.plaintextMax + 1
        var records = ByteBufferAllocator().buffer(capacity: output.readableBytes + count * overhead)
        while let piece = output.readSlice(length: min(output.readableBytes, ControlMessageSize.plaintextMax)),
            piece.readableBytes > 0
        {
            records.writeBytes(try transport?.sealer.seal(Array(buffer: piece)) ?? [])
        }
        output = ByteBuffer()
        return records
    }

    // MARK: - The end

    private func fail(_ error: ClientError) {
        isReading = false
        endSoFar = .failed(error)
        finish(.failed(error))
        context?.close(promise: nil)
    }

    private func finish(_ end: StreamEnd) {
        guard phase != .ended else { return }
        phase = .ended
        endSoFar = end
        held = nil
        heldPlaintext = nil
        let open = receivers
        receivers = []
        for (_, receiver) in open { receiver.responseEnded(end) }
        owner?.connectionEnded(self, end)
        owner = nil
    }
}
