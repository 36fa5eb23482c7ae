// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON
import NeedleTesting
import NeedleTypes
import Testing

@testable import NeedlePolicy

/// Texts that are large, deep or nonsense are answered, and soon.
@Suite struct PolicyLimitTests {
    @Test("a group of 100,000 members", .timeLimit(.minutes(1)))
    func largeGroup() throws {
        let members = (0..<100_000).map { "\"u\($0)@example.com\"" }.joined(separator: ",")
        let text =
            "{\"groups\": {\"group:all\": [\(members)]}, \"acls\": [{\"action\": \"accept\", \"src\": [\"group:all\"], \"dst\": [\"*:22\"]}]}"
        let user = UserFacts(id: UserID(9), name: "u99999", email: "u99999@example.com")
        let graph = PolicyGraph(policy: try Policy(text: Array(text.utf8)), nodes: [TestNodes.owned(by: user, slot: 0)])
        #expect(MergedFilters(graph).filter(of: NodeSlot(0)).count == 1)
    }

    @Test("many mistakes are cut off, at their places", .timeLimit(.minutes(1)))
    func manyMistakes() {
        let rules = (0..<20_000).map { "{\"action\": \"accept\", \"src\": [\"tag:x\($0)\"], \"dst\": [\"*:*\"]}" }
        let text = "{\"acls\": [\n\(rules.joined(separator: ",\n"))]}"
        let error = #expect(throws: PolicyError.self) { try Policy(text: Array(text.utf8)) }
        #expect(error?.findings.count == 100)
        #expect(error?.findings.last?.position?.line == 101)
    }

    @Test("nested brackets", arguments: ["{\"acls\": [", "{\"hosts\": {\"a\":"])
    func nesting(start: String) {
        let text = start + String(repeating: "[", count: 100_000)
        let error = #expect(throws: PolicyError.self) { try Policy(text: Array(text.utf8)) }
        #expect(error?.findings.first?.message.contains("brackets inside one another") == true)
    }

    @Test("texts with bytes exchanged, taken out and repeated never trap", arguments: 0..<24 as Range<UInt64>)
    func damagedText(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<60 {
            var text = Array(RandomPolicy(using: &random).text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) where !text.isEmpty {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: text[place] = Array("{}[]\",:*/-@0x".utf8).pick(&random)
                case 1: text.remove(at: place)
                default: text.insert(contentsOf: text[place..<min(place + 9, text.count)], at: place)
                }
            }
            guard let policy = try? Policy(text: text) else { continue }
            let nodes = (0..<3).map { RandomNodes.make(slot: $0, id: Int64($0 + 1), using: &random) }
            let graph = PolicyGraph(policy: policy, nodes: nodes)
            for node in nodes { _ = MergedFilters(graph).filter(of: node.slot) }
            _ = PolicyChecks(graph).run()
        }
    }
}
