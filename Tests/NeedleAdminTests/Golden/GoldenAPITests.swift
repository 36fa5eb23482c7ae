// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleModel
import NeedlePolicy
import NeedleTesting
import NeedleTypes
import Testing

@Suite("Answers recorded from headscale")
struct GoldenAPITests {
    @Test("the recorded answers are at hand where they are required")
    func recordedAnswersAreAtHand() {
        if GoldenAPI.isRequired {
            #expect(!GoldenAPI.cases.isEmpty, "no recorded answers at \(GoldenAPI.file.path)")
        }
    }

    @Test(
        "answers as headscale does",
        .timeLimit(.minutes(1)),
        .enabled(if: !GoldenAPI.cases.isEmpty, "no recorded answers at \(GoldenAPI.file.path)"),
        arguments: GoldenAPI.cases
    )
    func answersAsHeadscale(_ golden: GoldenAPI.Case) async throws {
        let harness = APIHarness(withAddresses: false)
        try seed(harness.gate, golden.seed)
        let answer = try await harness.call(golden.method, golden.path, bytes: golden.body.map { Array($0) })
        #expect(answer.status == golden.status, "\(answer.text)")
        if let expected = golden.answer {
            let json = try JSONSerialization.jsonObject(with: expected)
            #expect(GoldenShape.differences(expected: json, actual: answer.json).sorted() == [])
        }
        if answer.status >= 400 {
            #expect(answer.contentType == "application/problem+json")
        }
    }

    @Test(
        "the comparison sees a difference",
        arguments: [
            #"{"a":1}"#, #"{"a":"<timestamp>","b":1}"#, #"{"a":"<secret>"}"#, #"{"a":[1]}"#, #"{"a":null}"#,
        ]
    )
    func comparisonSeesDifferences(_ expected: String) throws {
        let expected = try JSONSerialization.jsonObject(with: Data(expected.utf8))
        #expect(!GoldenShape.differences(expected: expected, actual: ["a": ""]).isEmpty)
    }

    private func set(_ policy: String, _ gate: InlineGate) throws {
        let policy = try Policy(text: Array(policy.utf8))
        _ = try gate.perform(SetPolicy(policy, origin: .version(author: "", comment: "")))
    }

    private func seed(_ gate: InlineGate, _ data: Data) throws {
        let seed = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        for name in seed["users"] as? [String] ?? [] { _ = try gate.perform(CreateUser(name: name)) }
        for node in seed["nodes"] as? [[String: Any]] ?? [] {
            let host = try #require(node["host"] as? String)
            let tags = node["tags"] as? [String] ?? []
            _ = try gate.join(host, user: node["user"] as? String, tags: tags)
        }
        if seed["preauthkeys"] as? String == "std" {
            let user = try gate.user(named: "alice")
            _ = try gate.perform(
                CreatePreAuthKey(user: user.id, isReusable: true, isEphemeral: false, tags: [], expiration: nil)
            )
            _ = try gate.perform(
                CreatePreAuthKey(user: nil, isReusable: false, isEphemeral: true, tags: ["tag:test"], expiration: nil)
            )
        }
        if seed["policy"] as? String == "VALID_POLICY" { try set(GoldenAPI.policies.valid, gate) }
        let known: Set = ["users", "nodes", "preauthkeys", "policy"]
        #expect(Set(seed.keys).isSubset(of: known), "a seed of an unknown kind")
    }
}
