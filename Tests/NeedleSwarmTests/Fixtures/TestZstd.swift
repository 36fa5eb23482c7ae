// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import CZstd
import NIOCore
import Testing

/// Makes zstd frames for tests, with and without their length told.
enum TestZstd {
    static func frame(_ plain: [UInt8], tellsLength: Bool = true) throws -> [UInt8] {
        let context = try #require(ZSTD_createCCtx())
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, tellsLength ? 1 : 0)
        var room = [UInt8](repeating: 0, count: ZSTD_compressBound(plain.count))
        let count = ZSTD_compress2(context, &room, room.count, plain, plain.count)
        try #require(ZSTD_isError(count) == 0)
        return Array(room.prefix(count))
    }

    /// One message as several frames.
    static func message(_ pieces: [[UInt8]], tellsLength: Bool = true) throws -> ByteBuffer {
        ByteBuffer(bytes: try pieces.flatMap { try frame($0, tellsLength: tellsLength) })
    }
}
