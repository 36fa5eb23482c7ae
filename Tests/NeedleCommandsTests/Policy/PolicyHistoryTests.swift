// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleModel
import NeedlePolicy
import NeedleTesting
import NeedleTypes
import Testing

@Suite("policy history and rollback", .timeLimit(.minutes(1)))
struct PolicyHistoryTests {
    static let closed = #"{"acls": []}"#
    static let ssh = #"{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:22"]}]}"#

    private func withVersions(_ body: (CommandHarness) async throws -> Void) async throws {
        try await CommandHarness.withServer { harness in
            for (text, comment) in [(Self.closed, "nobody"), (Self.ssh, "SSH alone")] {
                _ = await harness.run("policy", "set", try harness.file("p", text), "--comment", comment)
                harness.gate.advance(by: .seconds(3600))
            }
            try await body(harness)
        }
    }

    @Test("the history is a table, the newest first")
    func table() async throws {
        try await withVersions { harness in
            #expect(
                await harness.run("policy", "history").output == """
                    VERSION       SET          BY      BYTES  COMMENT
                    2 (in force)  1 hour ago   tester  63     SSH alone
                    1             2 hours ago  tester  12     nobody

                    """
            )
            let json = await harness.run("policy", "history", "-o", "json")
            #expect(json.array?.compactMap { $0["id"] as? String } == ["2", "1"])
            #expect(json.array?.first?["inForce"] as? Bool == true)
        }
    }

    @Test("an empty history says how versions come about")
    func empty() async throws {
        try await CommandHarness.withServer { harness in
            let outcome = await harness.run("policy", "history")
            #expect(outcome.output == "")
            #expect(outcome.error.contains("policy set FILE"))
        }
    }

    @Test("an older version is printed as it was set")
    func older() async throws {
        try await withVersions { harness in
            #expect(await harness.run("policy", "get", "--version", "1").output == Self.closed)
            #expect(await harness.run("policy", "get", "--version", "2").output == Self.ssh)
            let missing = await harness.run("policy", "get", "--version", "9")
            #expect(missing.status == 1 && missing.error.contains("no version 9"))
        }
    }

    @Test("a rollback puts an older text in force as a new version")
    func rollback() async throws {
        try await withVersions { harness in
            let outcome = await harness.run("policy", "rollback", "1")
            #expect(outcome.output == "version 3 of the policy is in force, with the text of 1\n", "\(outcome.error)")
            #expect(await harness.run("policy", "get").output == Self.closed)
            let newest = harness.gate.snapshot.policyVersions.last
            #expect(newest?.comment == "rollback to 1" && newest?.author == "tester")
            #expect(await harness.run("policy", "rollback", "9").status == 1)
            #expect(await harness.run("policy", "rollback", "one").error.contains("number"))
        }
    }

    @Test("a person is asked before a rollback")
    func asks() async throws {
        try await withVersions { harness in
            let refused = await harness.run("policy", "rollback", "1", answers: ["n"])
            #expect(refused.status == 1 && refused.error.contains("Put version 1 in force again? [y/N]"))
            #expect(await harness.run("policy", "get").output == Self.ssh)
            #expect(await harness.run("policy", "rollback", "1", "--comment", "oops", answers: ["y"]).status == 0)
            #expect(harness.gate.snapshot.policyVersions.last?.comment == "oops")
        }
    }

    @Test("there is no file to read again when the policy is in the database")
    func reload() async throws {
        try await CommandHarness.withServer { harness in
            let outcome = await harness.run("policy", "reload")
            #expect(outcome.status == 1 && outcome.error.contains("in the database"))
        }
    }
}
