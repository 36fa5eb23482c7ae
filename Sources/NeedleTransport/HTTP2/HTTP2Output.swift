// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore

/// What may leave now: frames, with the payloads of large ones beside them rather than copied.
struct HTTP2Output {
    /// Payloads up to this size are copied to the frames: that costs less than a write of their own.
    static let copiedBytesMax = 4096

    private var frames: ByteBuffer
    /// Large payloads, each with where in `frames` it belongs.
    private var payloads: [(index: Int, bytes: ByteBuffer)] = []
    /// Bytes in all.
    private(set) var byteCount: Int
    /// What the connection has handed out of bodies with this; nothing if there is none of them in it.
    var mark: Int?

    /// Begins with `control`.
    init(_ control: ByteBuffer?) {
        frames = control ?? ByteBuffer()
        byteCount = frames.readableBytes
    }

    var isEmpty: Bool { byteCount == 0 }

    /// Whether ``forEachBuffer(_:)`` gives one buffer only.
    var isOneBuffer: Bool { payloads.isEmpty }

    mutating func append(_ head: HTTP2FrameHead) {
        frames.writeFrameHead(head)
        byteCount += HTTP2FrameHead.byteCount
    }

    mutating func append(payload: ByteBuffer) {
        byteCount += payload.readableBytes
        if payload.readableBytes <= Self.copiedBytesMax {
            frames.writeImmutableBuffer(payload)
        } else {
            payloads.append((frames.writerIndex, payload))
        }
    }

    /// Everything in order, in as few buffers as there are.
    func forEachBuffer(_ body: (_ bytes: ByteBuffer, _ isLast: Bool) -> Void) {
        guard !payloads.isEmpty else { return body(frames, true) }
        var start = frames.readerIndex
        for (position, payload) in payloads.enumerated() {
            if payload.index > start, let before = frames.getSlice(at: start, length: payload.index - start) {
                body(before, false)
            }
            start = payload.index
            body(payload.bytes, position == payloads.count - 1 && start == frames.writerIndex)
        }
        if let rest = frames.getSlice(at: start, length: frames.writerIndex - start), rest.readableBytes > 0 {
            body(rest, true)
        }
    }
}
