// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleNoise

/// The Noise records of one connection: ciphertext outside, plaintext inside.
final class NoiseHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Records are passed on before a flush when there are this many bytes of them.
    private static let chunkBytes = 128 * 1024

    private let counters: TransportCounters
    private var reader: RecordReader
    private var writer: RecordWriter
    private var promise: EventLoopPromise<Void>?
    private var isOver = false

    init(transport: NoiseTransport, allocator: ByteBufferAllocator, counters: TransportCounters) {
        self.counters = counters
        reader = RecordReader(opener: transport.opener)
        writer = RecordWriter(sealer: transport.sealer, allocator: allocator)
    }

    // MARK: - Inwards

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        do throws(NoiseError) {
            guard let plaintext = try reader.receive(unwrapInboundIn(data)) else { return }
            context.fireChannelRead(wrapInboundOut(plaintext))
        } catch {
            counters.add(.noiseRecordFailures)
            end(context: context, error: error)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isOver = true
        promise.take()?.fail(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        promise.take()?.fail(ChannelError.ioOnClosedChannel)
    }

    // MARK: - Outwards

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        self.promise.setOrCascade(to: promise)
        do throws(NoiseError) {
            try writer.append(unwrapOutboundIn(data))
            if writer.heldBytes >= Self.chunkBytes { try pass(context: context) }
        } catch {
            end(context: context, error: error)
        }
    }

    func flush(context: ChannelHandlerContext) {
        do throws(NoiseError) {
            try pass(context: context)
            context.flush()
        } catch {
            end(context: context, error: error)
        }
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode != .input, !isOver {
            flush(context: context)
            isOver = true
        }
        context.close(mode: mode, promise: promise)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let ahead = event as? OutboundBytesAhead else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        if !isOver { writer.expect(ahead.count) }
        promise?.succeed()
    }

    private func pass(context: ChannelHandlerContext) throws(NoiseError) {
        guard let records = try writer.take() else { return }
        context.write(wrapOutboundOut(records), promise: promise.take())
    }

    /// Closes without a word: after the handshake, the protocol has none.
    private func end(context: ChannelHandlerContext, error: NoiseError) {
        guard !isOver else { return }
        isOver = true
        promise.take()?.fail(error)
        context.triggerUserOutboundEvent(TransportViolation(), promise: nil)
        context.close(promise: nil)
        context.fireErrorCaught(error)
    }
}
