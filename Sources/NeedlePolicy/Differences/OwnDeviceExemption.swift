// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire

/// What `autogroup:self` allows between the devices of one user, whatever other rules come or go.
struct OwnDeviceExemption {
    /// By piece, the nodes that `autogroup:self` lets send it to devices of the same user, before and after.
    private let before: [NodeSet]
    private let after: [NodeSet]

    init(_ pieces: [AccessComparison.Piece], _ entries: AccessEntries) {
        before = pieces.map { entries.selfSources(isNew: false, $0.number, $0.ports) }
        after = pieces.map { entries.selfSources(isNew: true, $0.number, $0.ports) }
    }

    /// Takes out of `sources`, which gain or lose a piece towards a device of a user with the devices `own`, whoever has
    /// it all the same.
    ///
    /// - Returns: whether that is all of the user's devices among them; these are then left in, for the sake of a
    ///   shorter answer, and the exception is to be told.
    func reduce(_ sources: inout AccessSources, _ isGained: Bool, _ piece: Int, own: NodeSet) -> Bool {
        let allowed = isGained ? before[piece] : after[piece]
        guard !allowed.isDisjoint(with: sources.nodes) else { return false }
        let mine = sources.nodes.intersection(own)
        let exempt = mine.intersection(allowed)
        if exempt == mine { return true }
        sources.nodes.subtract(exempt)
        return false
    }
}
