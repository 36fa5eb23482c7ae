// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleWire

/// A message in the making: what is for one client alone, with shared pieces in between.
struct MapMessage {
    /// Where to write what is for this client alone.
    var own = JSONWriter()
    private var finished: [MapPiece] = []

    /// Adds `piece` after what was written so far.
    mutating func append(_ piece: MapPiece) {
        // Neighbours become one piece, which is compressed in one go.
        if case .own(let json) = piece { return own.raw(json) }
        flush()
        finished.append(piece)
    }

    /// All pieces in order.
    var pieces: [MapPiece] { own.bytes.isEmpty ? finished : finished + [.own(own.bytes)] }

    private mutating func flush() {
        if own.bytes.isEmpty { return }
        finished.append(.own(own.bytes))
        own = JSONWriter()
    }
}
