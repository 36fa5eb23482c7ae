// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NeedleNoise

/// A client's side of the Noise records, written without regard to speed and apart from the server's.
///
/// Keeps the early payload back, if there is one.
final class ClientRecordHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var transport: NoiseTransport
    private var early = EarlyPayloadReader()
    private var ciphertext: [UInt8] = []
    /// The lengths of all records that came, headers included.
    private(set) var recordLengths: [Int] = []
    /// The early payload's JSON, once it is complete.
    private(set) var earlyJSON: [UInt8]?
    /// Plaintext goes out in records of this size.
    var recordPlaintextMax = ControlMessageSize.plaintextMax

    init(transport: NoiseTransport) {
        self.transport = transport
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        ciphertext += unwrapInboundIn(data).readableBytesView
        do {
            while let header = RecordHeader(bytes: ciphertext.prefix(3)), header.type == .record,
                ciphertext.count >= 3 + Int(header.length)
            {
                let end = 3 + Int(header.length)
                recordLengths.append(end)
                let progress = try early.receive(try transport.opener.open(Array(ciphertext[3..<end])))
                ciphertext.removeFirst(end)
                if let json = progress.json { earlyJSON = json }
                if !progress.http2.isEmpty {
                    context.fireChannelRead(wrapInboundOut(ByteBuffer(bytes: progress.http2)))
                }
            }
        } catch {
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var plaintext = unwrapOutboundIn(data)
        var records = ByteBuffer()
        do {
            while plaintext.readableBytes > 0 {
                let count = min(recordPlaintextMax, plaintext.readableBytes)
                let piece = plaintext.readBytes(length: count) ?? []
                records.writeBytes(try transport.sealer.seal(piece))
            }
            context.write(wrapOutboundOut(records), promise: promise)
        } catch {
            promise?.fail(error)
        }
    }
}
