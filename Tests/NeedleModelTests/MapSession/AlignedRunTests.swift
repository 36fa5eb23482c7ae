// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import Testing

@testable import NeedleModel

@Suite struct AlignedRunTests {
    @Test("runs are apart, aligned, and together what they were cut from")
    func cutting() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2000 {
            // Anything from nearly empty to nearly full.
            var bits = UInt64.random(in: 0 ... .max, using: &random)
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let other = UInt64.random(in: 0 ... .max, using: &random)
                bits = Bool.random(using: &random) ? bits | other : bits & other
            }
            var union: UInt64 = 0
            for run in AlignedRun.cutting(bits) {
                #expect(run.bits & union == 0)
                #expect(run.bits.nonzeroBitCount == 1 << run.exponent)
                #expect(run.start % (1 << run.exponent) == 0)
                union |= run.bits
            }
            #expect(union == bits)
        }
    }

    @Test("two halves that are both there are one run")
    func longest() {
        var random = SeededRandom(seed: 8)
        for _ in 0..<2000 {
            let bits = UInt64.random(in: 0 ... .max, using: &random) | UInt64.random(in: 0 ... .max, using: &random)
            let runs = Set(AlignedRun.cutting(bits))
            for run in runs where run.exponent < 6 {
                let neighbour = AlignedRun(start: run.start ^ (1 << run.exponent), exponent: run.exponent)
                #expect(!runs.contains(neighbour))
            }
        }
    }

    @Test(
        "knows how many runs common patterns are",
        arguments: [(UInt64.max, 1), (0, 0), (UInt64.max ^ 1, 6), (1 << 63, 1), (0x5555_5555_5555_5555, 32)]
    )
    func counts(bits: UInt64, count: Int) {
        #expect(AlignedRun.cutting(bits).count == count)
    }
}

@Suite struct RunStampsTests {
    @Test("a run changed when anything in it did")
    func stamps() {
        var random = SeededRandom(seed: 9)
        var stamps = RunStamps()
        var places = [UInt64](repeating: 0, count: 64)
        for revision in 1...500 as ClosedRange<UInt64> {
            let place = Int.random(in: 0..<64, using: &random)
            places[place] = revision
            stamps.record(place, at: Revision(revision))
            for exponent in 0...6 {
                for start in stride(from: 0, to: 64, by: 1 << exponent) {
                    let latest = places[start..<start + 1 << exponent].max()
                    #expect(stamps[AlignedRun(start: start, exponent: exponent)].value == latest)
                }
            }
        }
    }
}
