// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTesting
import NeedleTypes
import Testing

@testable import NeedlePolicy

/// Recorded policies with bytes and words exchanged: refused or evaluated, but never a trap.
@Suite struct DamagedPolicyTests {
    private static let words = [
        "*", "autogroup:self", "autogroup:internet", "autogroup:member", "autogroup:danger-all", "tag:server",
        "group:admins", "odin@example.com", "user:*@example.com", "10.0.0.0/8", "100.64.0.1-100.64.0.9", "::/0",
        "webserver", "svc:x", "ipset:x", "accept", "check", "tcp:22", "0", "-1h", "posture:x", "",
    ]

    @Test("never traps", .enabled(if: !GoldenCase.paths.isEmpty), arguments: 0..<12 as Range<UInt64>)
    func neverTraps(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<40 {
            let recorded = try GoldenCase(path: GoldenCase.paths.pick(&random))
            for _ in 0..<6 {
                let text =
                    random.coin() ? bytesExchanged(recorded.policy, &random) : wordsExchanged(recorded.policy, &random)
                guard
                    let evaluation = try? PolicyEvaluation(text: text, tailnet: recorded.tailnet, nodes: recorded.nodes)
                else { continue }
                for node in recorded.nodes {
                    let view = evaluation.view(of: node.slot)
                    let chunks = evaluation.graph.filterChunks(of: node.slot)
                    let rules = chunks.flatMap { evaluation.graph.rules(of: $0, at: node.slot) }
                    let place = "seed \(seed): \(String(decoding: text, as: UTF8.self))"
                    try #require(FlatFilter.permissions(rules) == FlatFilter.permissions(view.packetFilter), "\(place)")
                    try #require(
                        FlatFilter.capabilities(rules) == FlatFilter.capabilities(view.packetFilter),
                        "\(place)"
                    )
                }
            }
        }
    }

    private func bytesExchanged(_ policy: String, _ random: inout SeededRandom) -> [UInt8] {
        var text = Array(policy.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) where !text.isEmpty {
            text[Int.random(in: 0..<text.count, using: &random)] = Array("{}[]\",:*/-@0xX".utf8).pick(&random)
        }
        return text
    }

    /// Puts other words in the place of some strings, which mostly leaves the text readable.
    private func wordsExchanged(_ policy: String, _ random: inout SeededRandom) -> [UInt8] {
        var parts = policy.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
        for _ in 0..<Int.random(in: 1...4, using: &random) where parts.count > 2 {
            let place = Int.random(in: 0..<(parts.count / 2), using: &random) * 2 + 1
            parts[place] =
                random.coin()
                ? Self.words.pick(&random) : parts[Int.random(in: 0..<(parts.count / 2), using: &random) * 2 + 1]
        }
        return Array(parts.joined(separator: "\"").utf8)
    }
}
