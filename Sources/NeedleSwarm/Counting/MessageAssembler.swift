// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// Cuts a map stream into messages, keeping nothing but the rest of one.
///
/// The same as `MapFrameDecoder` of NeedleWire, on buffers that are shared instead of copied.
struct MessageAssembler {
    private let payloadMax: Int
    private var partial: ByteBuffer?

    init(payloadMax: Int) {
        self.payloadMax = payloadMax
    }

    /// Whether the stream would be cut off inside a message if it ended here.
    var isInsideMessage: Bool { partial != nil }

    /// Calls `body` with each message that is complete now.
    ///
    /// - Throws: ``ClientError`` from `body`, or for a message that is too long.
    mutating func receive(
        _ bytes: ByteBuffer,
        _ body: (ByteBuffer) throws(ClientError) -> Void
    ) throws(ClientError) {
        var input = bytes
        if var earlier = partial.take() {
            earlier.writeImmutableBuffer(bytes)
            input = earlier
        }
        var hasTaken = false
        while let length = input.getInteger(at: input.readerIndex, endianness: .little, as: UInt32.self) {
            guard length <= payloadMax else {
                throw .violation(ClientMap.Violation(description: "a message of \(length) bytes"))
            }
            guard input.readableBytes - 4 >= Int(length) else { break }
            input.moveReaderIndex(forwardBy: 4)
            guard let payload = input.readSlice(length: Int(length)) else { break }
            try body(payload)
            hasTaken = true
        }
        guard input.readableBytes > 0 else { return }
        // What came from the scratch memory, or is the rest behind a long message, gets memory of its own.
        let isOwn = !hasTaken && input.readableBytes > bytes.readableBytes
        partial = isOwn ? input : ByteBuffer(bytes: input.readableBytesView)
    }
}
