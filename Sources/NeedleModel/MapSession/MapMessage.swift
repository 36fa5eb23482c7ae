// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleWire

/// A message in the making: what is for one client alone, with shared pieces in between.
///
/// A packet filter has hundreds of shared pieces; what stands between them is written to one place, so that none of it
/// needs memory of its own.
struct MapMessage {
    private enum Part {
        case own(Range<Int>)
        case repeated(Range<Int>)
        case other(MapPiece)
    }

    /// Where to write what is for this client alone.
    var own = JSONWriter(reserving: 2048)
    private var parts: [Part] = []
    /// How much of ``own`` is in ``parts``.
    private var taken = 0
    /// Where texts stand that are written once and sent several times.
    private var repeated: [UInt64: Range<Int>] = [:]

    /// Adds `piece` after what was written so far.
    mutating func append(_ piece: MapPiece) {
        // Neighbours become one piece, which is compressed in one go.
        if case .own(let json) = piece { return own.raw(json) }
        takeOwn()
        parts.append(.other(piece))
    }

    /// Adds what `write` writes, which is called only if nothing was added for `key` before.
    mutating func appendRepeated(_ key: UInt64, _ write: (inout JSONWriter) -> Void) {
        takeOwn()
        if let range = repeated[key] { return parts.append(.repeated(range)) }
        write(&own)
        let range = taken..<own.bytes.count
        taken = own.bytes.count
        repeated[key] = range
        parts.append(.repeated(range))
    }

    private mutating func takeOwn() {
        guard own.bytes.count > taken else { return }
        parts.append(.own(taken..<own.bytes.count))
        taken = own.bytes.count
    }

    /// All pieces in order.
    consuming func pieces() -> [MapPiece] {
        takeOwn()
        let bytes = own.bytes
        return parts.map { part in
            switch part {
            case .own(let range): .own(bytes[range])
            case .repeated(let range): .repeated(bytes[range])
            case .other(let piece): piece
            }
        }
    }
}
