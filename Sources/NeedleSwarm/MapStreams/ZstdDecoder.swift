// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import CZstd
package import NIOCore

/// Decompresses map messages: any number of zstd frames, one after another, into one text.
///
/// Frames are decompressed one by one, so that whoever counts can look at each and forget it. One decoder serves all
/// streams of an event loop, since it is between frames whenever it returns.
///
/// - Source: RFC 8878; reference 4.1.
package final class ZstdDecoder {
    private let context: OpaquePointer

    /// A decoder with a context of its own.
    ///
    /// - Throws: ``ClientError/compression(_:)`` if there is no memory for it.
    package init() throws(ClientError) {
        guard let context = ZSTD_createDCtx() else { throw .compression("there is no memory for a decoder") }
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
    }

    /// How many bytes the first frame in `bytes` has.
    ///
    /// - Throws: ``ClientError/compression(_:)`` if it is damaged or not all there.
    package static func frameLength(_ bytes: ByteBufferView) throws(ClientError) -> Int {
        let length = bytes.withUnsafeBytes { ZSTD_findFrameCompressedSize($0.baseAddress, $0.count) }
        guard ZSTD_isError(length) == 0, length > 0, length <= bytes.count else {
            throw .compression("a frame is damaged or cut off")
        }
        return length
    }

    /// Decompresses a whole message.
    ///
    /// - Throws: ``ClientError/compression(_:)`` if a frame is bad, or the text is longer than `limit`.
    package func message(_ payload: ByteBuffer, limit: Int) throws(ClientError) -> ByteBuffer {
        var rest = payload
        var text = ByteBuffer()
        while rest.readableBytes > 0 {
            let length = try Self.frameLength(rest.readableBytesView)
            guard let frame = rest.readSlice(length: length) else { break }
            try append(frame, to: &text, limit: limit)
        }
        return text
    }

    /// Decompresses exactly one frame to the end of `text`, which may not become longer than `limit`.
    ///
    /// - Throws: ``ClientError/compression(_:)``.
    package func append(_ frame: ByteBuffer, to text: inout ByteBuffer, limit: Int) throws(ClientError) {
        let told = frame.withUnsafeReadableBytes { ZSTD_getFrameContentSize($0.baseAddress, $0.count) }
        let room = limit - text.readableBytes
        // The two largest numbers say that the frame does not tell, or is no frame.
        guard told < UInt64(Int32.max) else { return try appendUntold(frame, to: &text, limit: limit) }
        guard Int(told) <= room else { throw tooLong(limit) }
        let error = text.writeWithUnsafeMutableBytes(minimumWritableBytes: Int(told)) { space -> (Int, String?) in
            let written = frame.withUnsafeReadableBytes {
                ZSTD_decompressDCtx(context, space.baseAddress, Int(told), $0.baseAddress, $0.count)
            }
            return ZSTD_isError(written) == 0 ? (written, nil) : (0, Self.name(written))
        }
        if let error { throw .compression(error) }
    }

    /// Decompresses a frame that does not say how long its content is.
    private func appendUntold(_ frame: ByteBuffer, to text: inout ByteBuffer, limit: Int) throws(ClientError) {
        let start = text.readableBytes
        ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        var error: ClientError?
        frame.withUnsafeReadableBytes { source in
            var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
            while error == nil {
                let position = input.pos
                let (written, left) = text.writeWithUnsafeMutableBytes(minimumWritableBytes: 16_384) { space in
                    var output = ZSTD_outBuffer(dst: space.baseAddress, size: space.count, pos: 0)
                    let left = ZSTD_decompressStream(context, &output, &input)
                    return (output.pos, (output.pos, left))
                }
                if ZSTD_isError(left) != 0 {
                    error = .compression(Self.name(left))
                } else if text.readableBytes > limit {
                    error = tooLong(limit)
                } else if left == 0 {
                    return
                } else if written == 0, input.pos == position {
                    error = .compression("a frame is cut off")
                }
            }
        }
        guard let error else { return }
        text.moveWriterIndex(to: text.readerIndex + start)
        throw error
    }

    private func tooLong(_ limit: Int) -> ClientError {
        .compression("the text is longer than \(limit) bytes")
    }

    private static func name(_ code: Int) -> String {
        ZSTD_getErrorName(code).map { String(cString: $0) } ?? "unknown"
    }
}

extension ByteBuffer {
    /// Writes as far as `body` says, and hands on what else it gives.
    fileprivate mutating func writeWithUnsafeMutableBytes<Result>(
        minimumWritableBytes count: Int,
        _ body: (UnsafeMutableRawBufferPointer) -> (Int, Result)
    ) -> Result {
        var result: Result?
        writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            let (written, value) = body(space)
            result = value
            return written
        }
        guard let result else { preconditionFailure("a ByteBuffer did not call its closure") }
        return result
    }
}
