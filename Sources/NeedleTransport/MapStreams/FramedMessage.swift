// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// A map message with its length in front, in a few buffers: long pieces that many clients receive are not copied to each.
struct FramedMessage {
    /// From how many bytes on a shared piece stays where it is; shorter ones cost less when they are copied.
    static let sharedBytesMin = 4096

    /// The length, and all that is not beside it.
    var own: ByteBuffer
    /// Shared pieces, each with where in ``own`` it belongs.
    private var insertions: [(index: Int, bytes: ByteBuffer)] = []
    private var insertedBytes = 0

    /// A message without content, which has room for so many bytes of it.
    init(reserving count: Int, _ allocator: ByteBufferAllocator) {
        own = allocator.buffer(capacity: 4 + count)
        own.writeInteger(0 as UInt32)
    }

    var byteCount: Int { own.writerIndex + insertedBytes }

    /// Adds a piece that others receive, too.
    mutating func append(shared bytes: ByteBuffer) {
        guard bytes.readableBytes >= Self.sharedBytesMin else {
            own.writeImmutableBuffer(bytes)
            return
        }
        insertions.append((own.writerIndex, bytes))
        insertedBytes += bytes.readableBytes
    }

    /// Writes the length, now that all is there.
    ///
    /// - Source: reference 3.2: u32 little-endian.
    mutating func finish() {
        own.setInteger(UInt32(clamping: byteCount - 4), at: 0, endianness: .little)
    }

    /// Everything in order.
    var buffers: [ByteBuffer] {
        if insertions.isEmpty { return [own] }
        var buffers: [ByteBuffer] = []
        buffers.reserveCapacity(2 * insertions.count + 1)
        var start = 0
        for (index, bytes) in insertions {
            if index > start, let before = own.getSlice(at: start, length: index - start) { buffers.append(before) }
            buffers.append(bytes)
            start = index
        }
        if start < own.writerIndex, let rest = own.getSlice(at: start, length: own.writerIndex - start) {
            buffers.append(rest)
        }
        return buffers
    }

    /// Everything in one buffer.
    func joined(_ allocator: ByteBufferAllocator) -> ByteBuffer {
        if insertions.isEmpty { return own }
        var joined = allocator.buffer(capacity: byteCount)
        for buffer in buffers { joined.writeImmutableBuffer(buffer) }
        return joined
    }
}
