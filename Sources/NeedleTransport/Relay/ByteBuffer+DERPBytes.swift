// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore
import NeedleWire

/// Frames are cut out of a channel's buffers without copying; a slice keeps the buffer that it came in alive.
extension ByteBuffer: DERPBytes {
    package var view: ByteBufferView { readableBytesView }

    package var byteCount: Int { readableBytes }

    package mutating func append(_ other: ByteBuffer) {
        if readableBytes == 0 {
            self = other
        } else {
            writeImmutableBuffer(other)
        }
    }

    package mutating func append(bytes: some Collection<UInt8>) {
        writeBytes(bytes)
    }

    package mutating func takePrefix(_ count: Int) -> ByteBuffer? {
        count < 0 ? nil : readSlice(length: count)
    }
}
