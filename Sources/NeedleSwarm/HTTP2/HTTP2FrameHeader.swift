// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// The kinds of HTTP/2 frame that a client meets.
///
/// - Source: RFC 9113, section 6.
enum HTTP2FrameType {
    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let resetStream: UInt8 = 3
    static let settings: UInt8 = 4
    static let pushPromise: UInt8 = 5
    static let ping: UInt8 = 6
    static let goAway: UInt8 = 7
    static let windowUpdate: UInt8 = 8
    static let continuation: UInt8 = 9
}

/// Flags of HTTP/2 frames; the same bit means different things on different frames.
enum HTTP2Flag {
    static let endStream: UInt8 = 0x1
    static let acknowledgement: UInt8 = 0x1
    static let endHeaders: UInt8 = 0x4
    static let padded: UInt8 = 0x8
    static let priority: UInt8 = 0x20
}

/// The nine bytes before each HTTP/2 frame.
///
/// - Shape: u24 length, u8 type, u8 flags, u32 stream; big-endian.
struct HTTP2FrameHeader: Equatable {
    static let byteCount = 9

    var length: Int
    var type: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0

    func has(_ flag: UInt8) -> Bool { flags & flag != 0 }
}

extension ByteBuffer {
    /// Looks at the next header, if all of it is there.
    func peekHTTP2Header() -> HTTP2FrameHeader? {
        guard let word = getInteger(at: readerIndex, as: UInt32.self),
            let flags = getInteger(at: readerIndex + 4, as: UInt8.self),
            let stream = getInteger(at: readerIndex + 5, as: UInt32.self)
        else { return nil }
        return HTTP2FrameHeader(
            length: Int(word >> 8),
            type: UInt8(truncatingIfNeeded: word),
            flags: flags,
            stream: stream & 0x7fff_ffff
        )
    }

    mutating func writeHTTP2Header(_ header: HTTP2FrameHeader) {
        writeInteger(UInt32(truncatingIfNeeded: header.length) << 8 | UInt32(header.type))
        writeInteger(header.flags)
        writeInteger(header.stream)
    }
}
