// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import CZstd
internal import NIOCore

/// Makes zstd frames; one for each event loop, since its context is used again and again.
///
/// - Source: RFC 8878; clients accept several frames in one message (reference 4.1).
final class ZstdCompressor {
    private let context: OpaquePointer
    private let level: Int32

    /// A compressor of `level`; nil when there is no memory for its context.
    init?(level: Int32 = 1) {
        guard let context = ZSTD_createCCtx() else { return nil }
        self.context = context
        self.level = level
    }

    deinit {
        ZSTD_freeCCtx(context)
    }

    /// Appends one frame that holds `plain`.
    func append(_ plain: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
        let bound = ZSTD_compressBound(plain.count)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { room in
            let written = ZSTD_compressCCtx(
                context,
                room.baseAddress,
                room.count,
                plain.baseAddress,
                plain.count,
                level
            )
            // With room for the bound, compression of memory cannot fail.
            precondition(ZSTD_isError(written) == 0, "zstd refused to compress into a buffer of its own bound")
            return written
        }
    }
}
