// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension [UInt8] {
    /// These bytes in pieces of 1, 2, 3 … bytes, so that every boundary is cut somewhere in some input.
    package var growingPieces: [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = self[...]
        while !rest.isEmpty {
            pieces.append([UInt8](rest.prefix(pieces.count + 1)))
            rest = rest.dropFirst(pieces.count)
        }
        return pieces
    }
}
