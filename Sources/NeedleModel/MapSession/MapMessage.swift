// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleWire

/// A message in the making: what is for one client alone, with shared pieces in between.
///
/// A packet filter has hundreds of shared pieces; what stands between them is written to one place, so that none of it
/// needs memory of its own.
struct MapMessage {
    private struct Insertion {
        /// How much of ``own`` comes before it.
        let offset: Int
        let piece: MapPiece
    }

    /// Where to write what is for this client alone.
    var own = JSONWriter(reserving: 2048)
    private var insertions: [Insertion] = []

    /// Adds `piece` after what was written so far.
    mutating func append(_ piece: MapPiece) {
        // Neighbours become one piece, which is compressed in one go.
        if case .own(let json) = piece { return own.raw(json) }
        insertions.append(Insertion(offset: own.bytes.count, piece: piece))
    }

    /// All pieces in order.
    var pieces: [MapPiece] {
        var pieces: [MapPiece] = []
        pieces.reserveCapacity(2 * insertions.count + 1)
        var start = 0
        for insertion in insertions {
            if insertion.offset > start { pieces.append(.own(own.bytes[start..<insertion.offset])) }
            start = insertion.offset
            pieces.append(insertion.piece)
        }
        if own.bytes.count > start { pieces.append(.own(own.bytes[start...])) }
        return pieces
    }
}
