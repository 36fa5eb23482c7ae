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

    /// The framed message; long pieces that many clients receive are not copied to each.
    func message(of pieces: [MapPiece], isCompressed: Bool) -> SplicedBuffer {
        let shared = pieces.map { sharedBytes(of: $0, isCompressed: isCompressed) }
        var message = SplicedBuffer(allocator.buffer(capacity: 4 + Self.copiedBytes(of: pieces, shared)))
        message.copied.writeInteger(0 as UInt32)
        for (piece, bytes) in zip(pieces, shared) {
            if let bytes {
                message.append(bytes)
            } else if case .own(let json) = piece {
                json.withUnsafeBytes {
                    append($0, isCompressed: isCompressed, storesShort: pieces.count > 1, to: &message.copied)
                }
            }
        }
        message.copied.setInteger(UInt32(clamping: message.byteCount - 4), at: 0, endianness: .little)
        return message
    }

    /// What is copied to the message at most, or nearly: short frames are a little longer than what they hold.
    private static func copiedBytes(of pieces: [MapPiece], _ shared: [ByteBuffer?]) -> Int {
        zip(pieces, shared).reduce(0) { sum, part in
            if let bytes = part.1 {
                return SplicedBuffer.copies(bytes.readableBytes) ? sum + bytes.readableBytes : sum
            }
            if case .own(let json) = part.0 { return sum + json.count + 64 }
            return sum
        }
    }

    private func sharedBytes(of piece: MapPiece, isCompressed: Bool) -> ByteBuffer? {
        guard case .shared(let key, let json) = piece else { return nil }
        return cache.bytes(for: PieceCache.Key(piece: key, isCompressed: isCompressed)) {
            let json = json()
            var buffer = allocator.buffer(capacity: isCompressed ? json.count / 4 + 64 : json.count)
            json.withUnsafeBytes { append($0, isCompressed: isCompressed, storesShort: false, to: &buffer) }
            // Compressing takes room for the worst case, several times what is kept.
            var kept = allocator.buffer(capacity: buffer.readableBytes)
            kept.writeBuffer(&buffer)
            return kept
        }
    }

    private func append(
        _ json: UnsafeRawBufferPointer,
        isCompressed: Bool,
        storesShort: Bool,
        to buffer: inout ByteBuffer
    ) {
        if !isCompressed {
            buffer.writeBytes(json)
        } else if storesShort, json.count <= ZstdCompressor.storedBytesMax {
            ZstdCompressor.appendStored(json, to: &buffer)
        } else {
            compressor.append(json, to: &buffer)
        }
    }
}
