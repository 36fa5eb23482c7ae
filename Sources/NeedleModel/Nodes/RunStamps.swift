// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleTypes

/// When anything in each of the 127 aligned runs of 64 places last changed.
///
/// A heap: the whole is at 1, the halves at 2 and 3, the places from 64 on.
struct RunStamps: Sendable {
    private var stamps = Array(repeating: Revision.zero, count: 2 * NodeTable.slotsPerPage)

    subscript(run: AlignedRun) -> Revision {
        stamps[(NodeTable.slotsPerPage + run.start) >> run.exponent]
    }

    /// Takes note that what is at `place` changed.
    mutating func record(_ place: Int, at revision: Revision) {
        var index = NodeTable.slotsPerPage + place
        while index > 0 {
            stamps[index] = revision
            index /= 2
        }
    }
}
