// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleAdmin
import NeedleModel
import NeedlePolicy
import NeedleTesting
import NeedleTypes
import Testing

@Suite("policy set and get", .timeLimit(.minutes(1)))
struct PolicySetTests {
    static let closed = #"{"acls": []} // nobody"#
    static let ssh = #"{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:22"]}]}"#

    private func inForce(_ harness: CommandHarness) -> String {
        String(decoding: harness.gate.snapshot.policy.policy.text, as: UTF8.self)
    }

    @Test("a policy is set, with who and why, and printed byte for byte")
    func sets() async throws {
        try await CommandHarness.withServer { harness in
            let file = try harness.file("policy.hujson", Self.closed)
            let outcome = await harness.run("policy", "set", file, "--comment", "for the holidays")
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(outcome.output == "version 1 of the policy is in force\n")
            #expect(await harness.run("policy", "get").output == Self.closed)
            let version = try #require(harness.gate.snapshot.policyVersions.first)
            #expect(version.author == "tester" && version.comment == "for the holidays")
            let json = await harness.run("policy", "get", "-o", "json")
            #expect(json.object?["policy"] as? String == Self.closed)
        }
    }

    @Test(
        "headscale's spellings do the same",
        arguments: [["set", "-f"], ["put", "--file"], ["update"]],
        ["show", "view", "fetch"]
    )
    func aliases(set: [String], get: String) async throws {
        try await CommandHarness.withServer { harness in
            let file = try harness.file("policy.hujson", Self.closed)
            let outcome = await harness.run(["policy"] + set + [file, "--socket", harness.socketPath])
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(await harness.run("policy", get).output == Self.closed)
        }
    }

    @Test("a policy comes from standard input")
    func standardInput() async throws {
        try await CommandHarness.withServer { harness in
            let outcome = await harness.run("policy", "set", "-", input: Self.ssh + "\n")
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(inForce(harness) == Self.ssh + "\n")
        }
    }

    @Test("what is wrong is told by file, line and column before the server is asked, everything at once")
    func findings() async throws {
        try await CommandHarness.withFolder { harness in
            let text = "{\"acls\": [{\"action\": \"refuse\", \"src\": [\"*\"], \"dst\": [\"*:*\"]}],\n \"group\": {}}"
            let file = try harness.file("p", text)
            let outcome = await harness.run("policy", "set", file)
            #expect(outcome.status == 1)
            #expect(outcome.error.contains("nothing was changed"))
            #expect(outcome.error.contains("\(file):1:") && outcome.error.contains("\(file):2:2: "), "\(outcome.error)")
            #expect(await harness.run("policy", "set", "/no/such").error.contains("/no/such cannot be read"))
            #expect(await harness.run("policy", "set").status == 64)
            #expect(await harness.run("policy", "set", "a", "-f", "b").status == 64)
        }
    }

    @Test("a person is shown what would change, and asked", arguments: [("y", true), ("", false), ("no", false)])
    func asks(answer: String, isSet: Bool) async throws {
        try await CommandHarness.withServer { harness in
            for name in ["alice", "bob"] { _ = try harness.gate.join("pc-\(name)", user: name) }
            let file = try harness.file("p", Self.closed)
            let outcome = await harness.run("policy", "set", file, answers: [answer])
            #expect(outcome.status == (isSet ? 0 : 1))
            #expect(outcome.error.contains("packets"), "\(outcome.error)")
            #expect(outcome.error.contains("Put \(file) in force? [y/N]"))
            #expect(inForce(harness) == (isSet ? Self.closed : "{}"))
        }
    }

    @Test("with --force nobody is asked")
    func force() async throws {
        try await CommandHarness.withServer { harness in
            let outcome = await harness.run("policy", "set", try harness.file("p", Self.closed), "--force", answers: [])
            #expect(outcome.status == 0)
            #expect(outcome.error == "")
        }
    }

    @Test("a policy whose tests fail is refused by the server, and the old one stays")
    func tests() async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.join("pc", user: "alice")
            let text = #"{"acls": [], "tests": [{"src": "alice@", "accept": ["100.64.0.1:22"]}]}"#
            for answers in [nil, ["y"]] {
                let outcome = await harness.run("policy", "set", try harness.file("p", text), answers: answers)
                #expect(outcome.status == 1)
                #expect(outcome.error.contains("test(s) failed"), "\(outcome.error)")
            }
            #expect(inForce(harness) == "{}")
        }
    }

    @Test("a server whose policy is in a file says so, and nobody is asked for nothing")
    func fileMode() async throws {
        try await CommandHarness.withServer(keeping: .file(path: "/etc/p", reload: {})) { harness in
            let file = try harness.file("p", Self.closed)
            for answers in [nil, ["y"]] {
                let outcome = await harness.run("policy", "set", file, answers: answers)
                #expect(outcome.status == 1)
                #expect(outcome.error.contains("modes other than 'database'"))
                #expect(!outcome.error.contains("[y/N]"))
            }
            #expect(await harness.run("policy", "get").output == "{}")
            #expect(await harness.run("policy", "reload").output.contains("is in force"))
        }
    }

    @Test("explain asks the running server when no files are named")
    func explain() async throws {
        try await CommandHarness.withServer { harness in
            for name in ["alice", "bob"] { _ = try harness.gate.join("pc-\(name)", user: name) }
            _ = await harness.run("policy", "set", try harness.file("p", Self.ssh))
            let yes = await harness.run("policy", "explain", "--from", "pc-alice", "--to", "pc-bob", "--port", "22")
            #expect(yes.status == 0 && yes.output.contains("may reach"), "\(yes.error)")
            let no = await harness.run("policy", "explain", "--from", "pc-alice", "--to", "100.64.0.2", "--port", "80")
            #expect(no.output.contains("may not reach"), "\(no.error)")
            let missing = await harness.run("policy", "explain", "--from", "pc-alice", "--to", "nobody")
            #expect(missing.status == 1 && missing.error.contains("'nobody'"))
        }
    }

    @Test("diff compares with the running server")
    func diff() async throws {
        try await CommandHarness.withServer { harness in
            for name in ["alice", "bob"] { _ = try harness.gate.join("pc-\(name)", user: name) }
            let outcome = await harness.run("policy", "diff", try harness.file("p", Self.ssh))
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(outcome.output.contains("packets"))
            let same = await harness.run("policy", "diff", try harness.file("p", "{}"))
            #expect(same.output == "nothing changes for the 2 nodes that there are\n")
            #expect(inForce(harness) == "{}")
            let bad = await harness.run("policy", "diff", try harness.file("p", #"{"acl": []}"#))
            #expect(bad.status == 1 && bad.error.contains("line 1"))
        }
    }
}
