// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A run of places among 64: its length is a power of two, and it begins at a multiple of its length.
///
/// There are 127 of them, so whatever few of 64 are left out, the others are runs that everybody else has as well: each
/// is encoded and compressed once, whoever sees it.
package struct AlignedRun: Hashable, Sendable {
    /// The first place.
    let start: Int
    /// Two to the power of this is the length.
    let exponent: Int

    /// Its places as bits, the first in the lowest.
    var bits: UInt64 { (exponent == 6 ? .max : (1 << UInt64(1 << exponent)) - 1) << UInt64(start) }

    /// The longest aligned runs that together are `bits`, by rising place.
    ///
    /// - Complexity: O(runs), of which there are 32 at most.
    static func cutting(_ bits: UInt64) -> [AlignedRun] {
        var runs: [AlignedRun] = []
        var rest = bits
        while rest != 0 {
            let start = rest.trailingZeroBitCount
            let ones = (~(rest >> UInt64(start))).trailingZeroBitCount
            let fitting = 63 - UInt64(ones).leadingZeroBitCount
            let run = AlignedRun(start: start, exponent: min(fitting, start == 0 ? 6 : start.trailingZeroBitCount))
            runs.append(run)
            rest &= ~run.bits
        }
        return runs
    }
}
