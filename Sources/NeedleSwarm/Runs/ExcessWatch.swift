// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// Says when to look whether a part of a run can still become exact.
///
/// A client with too many peers becomes exact only when somebody is taken back. A server that is still at work may do so;
/// so it is looked when nothing has moved for a grace, and however much moves, every ten graces. Looking costs the tool
/// time, which is why it does not look all the time.
struct ExcessWatch {
    /// How long nothing may move.
    let grace: TimeAmount
    /// What moves, as it was.
    private var before: [Int] = []
    /// Since when nothing moves; nil if that was looked at.
    private var quietSince: NIODeadline?
    /// Since when there are too many, or when that was looked at.
    private var excessSince: NIODeadline?

    private static let gracesMax: Int64 = 10

    init(grace: TimeAmount) {
        self.grace = grace
    }

    /// Takes in how far the run is, and says whether it is time to look.
    mutating func isTimeToLook(_ progress: SwarmProgress, at now: NIODeadline) -> Bool {
        guard progress.excess > 0 else {
            self = ExcessWatch(grace: grace)
            return false
        }
        // Errors are left out: a client that tries to come in again and again is no movement of the others.
        let moving = [
            progress.registered, progress.mapped, progress.exact, progress.excess, progress.failed, progress.messages,
        ]
        if moving != before {
            before = moving
            quietSince = now
        }
        let start = excessSince ?? now
        excessSince = start
        let isQuiet = quietSince.map { now - $0 >= grace } ?? false
        guard isQuiet || now - start >= grace * Self.gracesMax else { return false }
        quietSince = nil
        excessSince = now
        return true
    }
}
