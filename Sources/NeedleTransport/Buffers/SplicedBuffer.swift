// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore

/// Bytes in order, of which long pieces stay where they are: beside the rest, rather than copied to it.
struct SplicedBuffer {
    /// Pieces up to this size are copied: that costs less than a buffer of their own.
    static let copiedBytesMax = 4096

    /// All that is not beside it; may be written to as well.
    var copied: ByteBuffer
    /// Long pieces, each with where in ``copied`` it belongs.
    private var spliced: [(index: Int, bytes: ByteBuffer)] = []
    private var splicedBytes = 0

    /// Begins with `copied`.
    init(_ copied: ByteBuffer = ByteBuffer()) {
        self.copied = copied
    }

    /// Bytes in all.
    var byteCount: Int { copied.readableBytes + splicedBytes }

    /// Whether ``forEachBuffer(_:)`` gives one buffer only.
    var isOneBuffer: Bool { spliced.isEmpty }

    /// Whether a piece of so many bytes is copied.
    static func copies(_ count: Int) -> Bool { count <= copiedBytesMax }

    mutating func append(_ piece: ByteBuffer) {
        guard !Self.copies(piece.readableBytes) else {
            copied.writeImmutableBuffer(piece)
            return
        }
        spliced.append((copied.writerIndex, piece))
        splicedBytes += piece.readableBytes
    }

    /// Everything in order, in as few buffers as there are.
    func forEachBuffer(_ body: (_ bytes: ByteBuffer, _ isLast: Bool) -> Void) {
        guard !spliced.isEmpty else { return body(copied, true) }
        var start = copied.readerIndex
        for (position, piece) in spliced.enumerated() {
            if piece.index > start, let before = copied.getSlice(at: start, length: piece.index - start) {
                body(before, false)
            }
            start = piece.index
            body(piece.bytes, position == spliced.count - 1 && start == copied.writerIndex)
        }
        if let rest = copied.getSlice(at: start, length: copied.writerIndex - start), rest.readableBytes > 0 {
            body(rest, true)
        }
    }

    /// Everything in order, as a list.
    var buffers: [ByteBuffer] {
        var buffers: [ByteBuffer] = []
        buffers.reserveCapacity(2 * spliced.count + 1)
        forEachBuffer { bytes, _ in buffers.append(bytes) }
        return buffers
    }

    /// Everything in one buffer.
    func joined(_ allocator: ByteBufferAllocator) -> ByteBuffer {
        if isOneBuffer { return copied }
        var joined = allocator.buffer(capacity: byteCount)
        forEachBuffer { bytes, _ in joined.writeImmutableBuffer(bytes) }
        return joined
    }
}
