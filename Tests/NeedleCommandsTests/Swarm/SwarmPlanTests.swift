// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Testing

@testable import NeedleCommands
@testable import NeedleSwarm

@Suite("swarm plan", .timeLimit(.minutes(1)))
struct SwarmPlanTests {
    @Test("writes the files of a preset, and says in short what they are")
    func preset() async throws {
        try await CommandHarness.withFolder { harness in
            let out = harness.folder.appending(path: "fleet").path
            let outcome = await harness.run(["swarm", "plan", "--preset", "ctf", "--nodes", "36", "--out", out])
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(outcome.output.hasPrefix("ctf, seed 1: 36 nodes, 25 users, 8 tags; peers of a node:"))
            #expect(outcome.error.contains("swarm run --spawn --roster"))
            let names = try FileManager.default.contentsOfDirectory(atPath: out).sorted()
            #expect(names == ["policy-small.hujson", "policy.hujson", "policy2.hujson", "roster.json"])
            let plan = try SwarmPlan.read(roster: out + "/roster.json")
            #expect(plan.roster.nodes.count == 36)
        }
    }

    @Test("takes a policy of one's own, and hides what it names if asked to")
    func policy() async throws {
        try await CommandHarness.withFolder { harness in
            let file = harness.folder.appending(path: "mine.hujson")
            try Data(#"{"acls": [{"action": "accept", "src": ["alice@"], "dst": ["tag:web:80"]}]}"#.utf8).write(
                to: file
            )
            let out = harness.folder.appending(path: "fleet").path
            let arguments = ["swarm", "plan", "--policy", file.path, "--nodes", "10", "--out", out, "-o", "json"]
            let outcome = await harness.run(arguments)
            #expect(outcome.object?["nodes"] as? Int == 10)
            #expect(outcome.object?["peers_max"] as? Int == 5)
            let hidden = await harness.run(arguments + ["--anonymize"])
            #expect(hidden.status == 0)
            for name in ["policy.hujson", "roster.json"] {
                let text = try String(contentsOfFile: out + "/" + name, encoding: .utf8)
                #expect(!text.contains("alice") && !text.contains("web"))
            }
        }
    }

    @Test("warns of sections that no policy has, also when they are left out of what is written")
    func unknownSections() async throws {
        try await CommandHarness.withFolder { harness in
            let file = try harness.file("mine.hujson", #"{"acl": [{"src": ["alice@"], "dst": ["*:*"]}]}"#)
            let out = harness.folder.appending(path: "fleet").path
            for more in [[], ["--anonymize"]] as [[String]] {
                let outcome = await harness.run(
                    ["swarm", "plan", "--policy", file, "--nodes", "3", "--out", out] + more
                )
                #expect(outcome.status == 0, "\(outcome.error)")
                #expect(
                    outcome.error.contains(
                        "warning: the policy '\(file)': line 1: 'acl' is no section of a policy, and is passed over; "
                            + "did you mean 'acls'?"
                    ),
                    "\(outcome.error)"
                )
            }
        }
    }

    @Test("a folder that is planned again has no second policy of the plan before")
    func stale() async throws {
        try await CommandHarness.withFolder { harness in
            let file = try harness.file("mine.hujson", #"{"acls": []}"#)
            let second = try harness.file("second.hujson", #"{"acls": [{"src": ["alice@"], "dst": ["*:*"]}]}"#)
            let out = harness.folder.appending(path: "fleet").path
            let arguments = ["swarm", "plan", "--policy", file, "--nodes", "3", "--out", out]
            _ = await harness.run(arguments + ["--policy2", second])
            #expect(FileManager.default.fileExists(atPath: out + "/policy2.hujson"))
            let outcome = await harness.run(arguments)
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(!FileManager.default.fileExists(atPath: out + "/policy2.hujson"))
        }
    }

    @Test("a folder that cannot be made is named, with the reason")
    func unwritable() async throws {
        try await CommandHarness.withFolder { harness in
            let file = try harness.file("file", "")
            let outcome = await harness.run(["swarm", "plan", "--preset", "mesh", "--nodes", "2", "--out", file])
            #expect(
                outcome.error
                    == "error: the folder '\(file)' cannot be made: there is a file of that name; name a folder of yours "
                    + "with --out\n"
            )
        }
    }

    @Test(
        "says what is wrong with what it was asked",
        arguments: [
            (["--preset", "ctf", "--policy", "x"], "not both"), (["--preset", "none"], "none"),
            ([], "--preset or --policy"),
            (["--preset", "mesh", "--nodes", "0"], "1 to 19000"), (["--preset", "mesh", "--anonymize"], "--policy"),
            (["--policy", "/nonexistent"], "'/nonexistent' cannot be read: it is not there; name another"),
            (["--preset", "mesh", "--strangers", "1"], "go with --policy"),
            (["--preset", "mesh", "--tagged", "2"], "0 to 1"),
        ] as [([String], String)]
    )
    func refusals(arguments: [String], text: String) async throws {
        try await CommandHarness.withFolder { harness in
            let outcome = await harness.run(
                ["swarm", "plan", "--out", harness.folder.appending(path: "f").path] + arguments
            )
            #expect(outcome.status != 0)
            #expect(outcome.error.contains(text), "\(outcome.error)")
        }
    }
}
