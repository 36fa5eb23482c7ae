// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleModel

/// Turns the pieces of a map message into what goes over the wire: length, then JSON, compressed or not.
///
/// - Source: reference 3.2: u32 little-endian length, then the payload.
struct MapMessageEncoder {
    let cache: PieceCache
    let compressor: ZstdCompressor
    let allocator: ByteBufferAllocator

    /// The framed message.
    func message(of pieces: [MapPiece], isCompressed: Bool) -> ByteBuffer {
        let parts = pieces.map { bytes(of: $0, isCompressed: isCompressed) }
        let length = parts.reduce(0) { $0 + $1.readableBytes }
        var buffer = allocator.buffer(capacity: length + 4)
        buffer.writeInteger(UInt32(clamping: length), endianness: .little)
        for part in parts { buffer.writeImmutableBuffer(part) }
        return buffer
    }

    private func bytes(of piece: MapPiece, isCompressed: Bool) -> ByteBuffer {
        switch piece {
        case .own(let json): encode(json, isCompressed: isCompressed)
        case .shared(let key, let json):
            cache.bytes(for: PieceCache.Key(piece: key, isCompressed: isCompressed)) {
                encode(json(), isCompressed: isCompressed)
            }
        }
    }

    private func encode(_ json: [UInt8], isCompressed: Bool) -> ByteBuffer {
        guard isCompressed else { return allocator.buffer(bytes: json) }
        var buffer = allocator.buffer(capacity: json.count / 4 + 64)
        json.withUnsafeBytes { compressor.append($0, to: &buffer) }
        return buffer
    }
}
