// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import Testing

@testable import NeedleSwarm

@Suite struct ExcessWatchTests {
    /// A watch with a grace of five seconds, over a run of which the test says how far it is.
    private struct Watched {
        var progress = SwarmProgress()
        private var watch = ExcessWatch(grace: .seconds(5))

        init(excess: Int) {
            progress.excess = excess
        }

        /// The seconds after the start at which it is time to look, of those at which it is asked.
        mutating func looks(at seconds: [Int64]) -> [Int64] {
            var times: [Int64] = []
            for second in seconds {
                let now = NIODeadline.uptimeNanoseconds(1_000_000_000) + .seconds(second)
                if watch.isTimeToLook(progress, at: now) { times.append(second) }
            }
            return times
        }
    }

    @Test("while nobody has too many peers, it is never time, however quiet it is")
    func nothing() {
        var run = Watched(excess: 0)
        run.progress.registered = 3
        let looks = run.looks(at: [0, 5, 100, 10_000])
        #expect(looks.isEmpty)
    }

    @Test("it is time once, when nothing has moved for the grace; and again when something moved since")
    func quiet() {
        var run = Watched(excess: 1)
        let first = run.looks(at: [0, 4, 5, 6, 20])
        #expect(first == [5])
        run.progress.messages += 1
        let second = run.looks(at: [21, 25, 26, 27])
        #expect(second == [26])
    }

    @Test("what moves puts it off")
    func moving() {
        let paths: [WritableKeyPath<SwarmProgress, Int>] = [
            \.registered, \.mapped, \.exact, \.excess, \.failed, \.messages,
        ]
        for path in paths {
            var run = Watched(excess: 1)
            let before = run.looks(at: [0])
            run.progress[keyPath: path] += 1
            let after = run.looks(at: [4, 8, 9])
            #expect(before.isEmpty && after == [9], "\(path)")
        }
    }

    @Test("errors, keep-alives and bytes do not")
    func noise() {
        for path in [\.errors, \.keepAlives, \.wireBytes] as [WritableKeyPath<SwarmProgress, Int>] {
            var run = Watched(excess: 1)
            let before = run.looks(at: [0])
            run.progress[keyPath: path] += 1
            let after = run.looks(at: [4, 5])
            #expect(before.isEmpty && after == [5], "\(path)")
        }
    }

    @Test("when something moves all the time, it is time every ten graces")
    func restless() {
        var run = Watched(excess: 1)
        var times: [Int64] = []
        for second in 0...120 as ClosedRange<Int64> {
            run.progress.messages += 1
            times += run.looks(at: [second])
        }
        #expect(times == [50, 100])
    }

    @Test("when the peers are taken back, everything begins anew")
    func takenBack() {
        var run = Watched(excess: 2)
        let before = run.looks(at: [0])
        run.progress.excess = 0
        let between = run.looks(at: [6])
        run.progress.excess = 2
        let after = run.looks(at: [7, 11, 12])
        #expect(before.isEmpty && between.isEmpty && after == [12])
    }
}
