// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleStorage
import Testing

@testable import NeedleServer

@Suite struct PolicyFileWatchTests {
    private func stamp(_ number: Int64) -> FileState {
        FileState(device: 1, inode: 1, size: 10, seconds: number, nanoseconds: 0, isRegular: true)
    }

    /// What a watch over a file that was read in the first state answers at each look.
    private func answers(_ looks: [Int64?], readIn first: Int64? = 1) -> [Bool] {
        var watch = PolicyFileWatch(tried: first.map(stamp))
        return looks.map { watch.looked(at: $0.map(stamp)) }
    }

    @Test("a file that stays as it is is never read again")
    func unchanged() {
        #expect(answers([1, 1, 1, 1]) == [false, false, false, false])
    }

    @Test("a change is read once, after it was seen twice")
    func changed() {
        #expect(answers([1, 2, 2, 2, 2]) == [false, false, true, false, false])
    }

    @Test("while a file is being written, it is not read")
    func writing() {
        #expect(answers([2, 3, 4, 5, 5, 5]) == [false, false, false, false, true, false])
    }

    @Test("a change that is taken back before it was read is none")
    func takenBack() {
        #expect(answers([2, 1, 1, 1]) == [false, false, false, false])
    }

    @Test("a file that goes is tried once, and again when it comes back")
    func gone() {
        #expect(answers([nil, nil, nil, 2, 2, 2]) == [false, true, false, false, true, false])
        // An editor moves the old one away before it puts the new one there.
        #expect(answers([nil, 2, 2]) == [false, false, true])
    }

    @Test("a file that was never there is read when it comes")
    func comes() {
        #expect(answers([nil, 1, 1], readIn: nil) == [false, false, true])
    }

    @Test("what was read on command is not read once more")
    func command() {
        var watch = PolicyFileWatch(tried: stamp(1))
        var answers = [watch.looked(at: stamp(2))]
        watch.read(in: stamp(2))
        for number: Int64 in [2, 2, 3, 3] { answers.append(watch.looked(at: stamp(number))) }
        #expect(answers == [false, false, false, false, true])
    }
}
