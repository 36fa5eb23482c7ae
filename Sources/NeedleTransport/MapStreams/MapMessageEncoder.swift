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
        let shared = pieces.map { sharedBytes(of: $0, isCompressed: isCompressed) }
        var buffer = allocator.buffer(capacity: 4 + Self.size(of: pieces, shared))
        buffer.writeInteger(0 as UInt32)
        // Where pieces stand that come again, by where their text begins.
        var written: [Int: Range<Int>] = [:]
        for (piece, bytes) in zip(pieces, shared) {
            switch piece {
            case .shared:
                if let bytes { buffer.writeImmutableBuffer(bytes) }
            case .own(let json):
                append(json, isCompressed: isCompressed, storesShort: pieces.count > 1, to: &buffer)
            case .repeated(let json):
                if let range = written[json.startIndex] {
                    buffer.writeCopy(of: range)
                } else {
                    let start = buffer.writerIndex
                    append(json, isCompressed: isCompressed, storesShort: false, to: &buffer)
                    written[json.startIndex] = start..<buffer.writerIndex
                }
            }
        }
        buffer.setInteger(UInt32(clamping: buffer.writerIndex - 4), at: 0, endianness: .little)
        return buffer
    }

    /// What the message takes at most, or nearly: short frames are a little longer than what they hold.
    private static func size(of pieces: [MapPiece], _ shared: [ByteBuffer?]) -> Int {
        zip(pieces, shared).reduce(0) { sum, part in
            switch part.0 {
            case .shared: sum + (part.1?.readableBytes ?? 0)
            case .own(let json), .repeated(let json): sum + json.count + 64
            }
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
        _ json: ArraySlice<UInt8>,
        isCompressed: Bool,
        storesShort: Bool,
        to buffer: inout ByteBuffer
    ) {
        json.withUnsafeBytes { append($0, isCompressed: isCompressed, storesShort: storesShort, to: &buffer) }
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

extension ByteBuffer {
    /// Writes again what stands in `range`.
    fileprivate mutating func writeCopy(of range: Range<Int>) {
        do {
            try copyBytes(at: range.lowerBound, to: writerIndex, length: range.count)
            moveWriterIndex(forwardBy: range.count)
        } catch {
            preconditionFailure("a piece was written at \(range) and is not there: \(error)")
        }
    }
}
