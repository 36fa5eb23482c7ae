// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore

/// What may leave now: frames, with the payloads of large ones beside them rather than copied.
struct HTTP2Output {
    private(set) var bytes: SplicedBuffer
    /// What the connection has handed out of bodies with this; nothing if there is none of them in it.
    var mark: Int?

    /// Begins with `control`.
    init(_ control: ByteBuffer?) {
        bytes = SplicedBuffer(control ?? ByteBuffer())
    }

    var byteCount: Int { bytes.byteCount }

    var isEmpty: Bool { byteCount == 0 }

    mutating func append(_ head: HTTP2FrameHead) {
        bytes.copied.writeFrameHead(head)
    }

    mutating func append(payload: ByteBuffer) {
        bytes.append(payload)
    }
}
