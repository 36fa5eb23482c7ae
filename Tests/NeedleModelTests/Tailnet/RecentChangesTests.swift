// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import Testing

@testable import NeedleModel

@Suite struct RecentChangesTests {
    @Test("says what a list of everything says, or that it does not know any more")
    func agreement() {
        struct Plain {
            let revision: UInt64
            let nodes: Set<Int>
            let viewers: Set<Int>?
            let haste: Haste
        }
        var random = SeededRandom(seed: 11)
        var recent = RecentChanges()
        var plain: [Plain] = []
        for revision in 1...1200 as ClosedRange<UInt64> {
            func some() -> Set<Int> { Set((0..<3).map { _ in Int.random(in: 0..<200, using: &random) }) }
            let entry = Plain(
                revision: revision,
                nodes: some(),
                viewers: Int.random(in: 0..<50, using: &random) == 0 ? nil : some(),
                haste: Haste(rawValue: [0, 0, 0, 0, 0, 0, 1, 1, 1, 2].randomElement(using: &random) ?? 0) ?? .now
            )
            plain.append(entry)
            recent.record(
                NodeSet(entry.nodes.map(NodeSlot.init)),
                concerning: entry.viewers.map { NodeSet($0.map(NodeSlot.init)) },
                haste: entry.haste,
                at: Revision(revision)
            )
            for back in [0, 1, 5, 20, UInt64(RecentChanges.entriesMin), 400] where back <= revision {
                let since = Revision(revision - back)
                let after = plain.suffix(Int(back))
                let nodes = after.reduce(into: Set<Int>()) { $0.formUnion($1.nodes) }
                let known = recent.nodes(since: since)?.map(\.index)
                if back <= RecentChanges.entriesMin { #expect(known == nodes.sorted()) }
                if back == 400, revision > 400 { #expect(known == nil) }
                guard known != nil else { continue }
                let hasAll = after.allSatisfy { $0.viewers != nil }
                let viewers = after.reduce(into: Set<Int>()) { $0.formUnion($1.viewers ?? []) }
                #expect(recent.viewers(since: since)?.map(\.index) == (hasAll ? viewers.sorted() : nil))
                #expect(recent.haste(since: since) == after.map(\.haste).max() ?? .whenever)
            }
        }
    }
}
