// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore

/// What waits on one stream, as the buffers in which it was written; nothing is copied.
struct HTTP2SendQueue {
    private var first = ByteBuffer()
    /// Those behind the first, from ``next`` on; mostly there are none, and no memory is held.
    private var others: [ByteBuffer] = []
    private var next = 0
    private(set) var byteCount = 0

    mutating func append(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        if byteCount == 0 { first = bytes } else { others.append(bytes) }
        byteCount += bytes.readableBytes
    }

    /// Takes a slice off the front, at most `max` bytes of the first buffer.
    mutating func takeSlice(max: Int) -> ByteBuffer? {
        guard let slice = first.readSlice(length: min(max, first.readableBytes)), slice.readableBytes > 0 else {
            return nil
        }
        byteCount -= slice.readableBytes
        if first.readableBytes == 0 { advance() }
        return slice
    }

    private mutating func advance() {
        guard next < others.count else {
            first = ByteBuffer()
            return
        }
        first = others[next]
        others[next] = ByteBuffer()
        next += 1
        if next == others.count {
            others = []
            next = 0
        } else if next >= 64, next * 2 >= others.count {
            others.removeFirst(next)
            next = 0
        }
    }
}
