// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore

/// The kinds of frames.
///
/// - Source: RFC 9113, section 6.
enum HTTP2FrameKind {
    static let data: UInt8 = 0
    static let headers: UInt8 = 1
    static let priority: UInt8 = 2
    static let resetStream: UInt8 = 3
    static let settings: UInt8 = 4
    static let pushPromise: UInt8 = 5
    static let ping: UInt8 = 6
    static let goAway: UInt8 = 7
    static let windowUpdate: UInt8 = 8
    static let continuation: UInt8 = 9
}

/// Flags of frames; the same bit means different things on different frames.
enum HTTP2FrameFlag {
    static let endStream: UInt8 = 0x1
    static let acknowledgement: UInt8 = 0x1
    static let endHeaders: UInt8 = 0x4
    static let padded: UInt8 = 0x8
    static let priority: UInt8 = 0x20
}

/// The nine bytes before each frame.
///
/// - Source: RFC 9113, section 4.1.
/// - Shape: u24 length, u8 kind, u8 flags, u32 stream; big-endian.
struct HTTP2FrameHead: Equatable {
    static let byteCount = 9

    var length: Int
    var kind: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0

    func has(_ flag: UInt8) -> Bool { flags & flag != 0 }
}

extension ByteBuffer {
    /// Looks at the next head, if all of it is there.
    func peekFrameHead() -> HTTP2FrameHead? {
        guard let word = getInteger(at: readerIndex, as: UInt32.self),
            let flags = getInteger(at: readerIndex + 4, as: UInt8.self),
            let stream = getInteger(at: readerIndex + 5, as: UInt32.self)
        else { return nil }
        return HTTP2FrameHead(
            length: Int(word >> 8),
            kind: UInt8(truncatingIfNeeded: word),
            flags: flags,
            stream: stream & 0x7fff_ffff
        )
    }

    mutating func writeFrameHead(_ head: HTTP2FrameHead) {
        writeMultipleIntegers(
            UInt32(truncatingIfNeeded: head.length) << 8 | UInt32(head.kind),
            head.flags,
            head.stream
        )
    }
}
