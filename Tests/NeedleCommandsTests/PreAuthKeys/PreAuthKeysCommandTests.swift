// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTesting
import NeedleTypes
import Testing

@Suite("preauthkeys", .timeLimit(.minutes(1)))
struct PreAuthKeysCommandTests {
    @Test("create prints the key alone, and the line to join with beside it", arguments: ["create", "c", "new"])
    func creates(verb: String) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.user(named: "alice")
            let outcome = await harness.run("preauthkeys", verb, "--user", "alice")
            #expect(outcome.status == 0)
            let key = try #require(outcome.output.wholeMatch(of: #/(hskey-auth-[0-9a-f]{12}-[0-9a-f]{64})\n/#)).1
            #expect(outcome.error.contains("one machine can join with it, for 1 hour"))
            #expect(
                outcome.error.contains("tailscale up --login-server https://control.example.com --auth-key \(key)\n")
            )
            let record = try #require(harness.gate.snapshot.preAuthKey(PreAuthKeyID(1)))
            #expect(record.expiration == harness.gate.now + .seconds(3600))
            #expect(!record.isReusable)
            #expect(!record.isEphemeral)
        }
    }

    @Test("--user takes the id or the name", arguments: ["1", "alice"], ["-u", "--user"])
    func user(value: String, option: String) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.user(named: "alice")
            let outcome = await harness.run("authkey", "create", option, value, "-o", "json")
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(outcome.object?["id"] as? String == "1")
            #expect((outcome.object?["user"] as? [String: Any])?["name"] as? String == "alice")
            #expect((outcome.object?["key"] as? String)?.hasPrefix("hskey-auth-") == true)
            #expect(outcome.error == "")
        }
    }

    @Test(
        "options",
        arguments: [
            (["--reusable", "--ephemeral", "-e", "90m"], true, true, 5400),
            (["--expiration=1h30m"], false, false, 5400),
            (["--reusable=true", "--ephemeral=false", "-e", "30d"], true, false, 2_592_000),
            (["-e", "1.5h"], false, false, 5400), (["--expiration", "1w"], false, false, 604_800),
        ]
    )
    func options(options: [String], isReusable: Bool, isEphemeral: Bool, seconds: Int) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.user(named: "alice")
            let outcome = await harness.run(
                ["pre", "create", "-u1", "--socket", harness.socketPath] + options
            )
            #expect(outcome.status == 0, "\(outcome.error)")
            let record = try #require(harness.gate.snapshot.preAuthKey(PreAuthKeyID(1)))
            #expect(record.isReusable == isReusable)
            #expect(record.isEphemeral == isEphemeral)
            #expect(record.expiration == harness.gate.now + .seconds(seconds))
        }
    }

    @Test("an expiration of 0 means never")
    func neverExpires() async throws {
        try await CommandHarness.withServer { harness in
            let outcome = await harness.run("preauthkeys", "create", "--tags", "tag:ci", "-e", "0")
            #expect(outcome.status == 0)
            #expect(outcome.error.contains("one machine can join with it:\n"))
            #expect(harness.gate.snapshot.preAuthKey(PreAuthKeyID(1))?.expiration == nil)
            #expect(await harness.run("preauthkeys", "list").output.contains("never"))
        }
    }

    @Test(
        "tags come with commas or repeated, and need no user",
        arguments: [
            ["--tags", "tag:a,tag:b"], ["--tags", "tag:a", "--tags", "tag:b"], ["--tags= tag:a , tag:b"],
        ]
    )
    func tags(options: [String]) async throws {
        try await CommandHarness.withServer { harness in
            let outcome = await harness.run(
                ["preauthkeys", "create", "-o", "json", "--socket", harness.socketPath] + options
            )
            #expect(outcome.object?["aclTags"] as? [String] == ["tag:a", "tag:b"], "\(outcome.error)")
        }
    }

    @Test(
        "nobody's key, an unknown user's, or one with a malformed tag is refused",
        arguments: [
            ([], "--user USER"), (["-u", "bob"], "there is no user 'bob'"), (["-u", "7"], "there is no user '7'"),
            (["-u", ""], "there is no user ''"), (["--tags", "ci"], "write 'tag:ci'"),
        ]
    )
    func refuses(options: [String], reason: String) async throws {
        try await CommandHarness.withServer { harness in
            let arguments = ["preauthkeys", "create", "--socket", harness.socketPath] + options
            let text = await harness.run(arguments)
            #expect(text.status == 1)
            #expect(text.output == "")
            #expect(text.error.contains(reason), "\(text.error)")
            let json = await harness.run(arguments + ["-o", "json"])
            #expect(json.status == 1)
            #expect(json.output == "")
            #expect(json.error.hasPrefix(#"{"error":""#))
        }
    }

    @Test("list masks the keys")
    func lists() async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.join("laptop", user: "alice")
            let key = await harness.run("preauthkeys", "create", "--tags", "tag:ci", "--reusable").output
            let table = await harness.run("preauthkeys", "ls").output.split(separator: "\n").map(String.init)
            #expect(table.count == 3)
            #expect(
                table[0].split(separator: " ", omittingEmptySubsequences: true) == [
                    "ID", "KEY", "OWNER", "REUSABLE", "EPHEMERAL", "USED", "EXPIRES", "CREATED",
                ]
            )
            #expect(table[1].contains("alice") && table[1].contains("never"))
            #expect(table[2].contains("\(key.prefix(24))***") && table[2].contains("tag:ci"))
            #expect(table[2].contains("in 1 hour"))
            #expect(await harness.run("preauthkeys", "list", "-u", "alice", "-o", "json").array?.count == 1)
            #expect(await harness.run("preauthkeys", "list", "-o", "json").array?.count == 2)
        }
    }

    @Test(
        "expire and delete, with aliases and both ways to name the key",
        arguments: [
            ["expire", "-i", "1"], ["revoke", "--id", "1"], ["exp", "1"], ["e", "-i1"], ["delete", "--id=1"],
            ["del", "1"],
            ["rm", "-i", "1"], ["d", "1"],
        ]
    )
    func expiresAndDeletes(arguments: [String]) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.join("laptop", user: "alice")
            let outcome = await harness.run(["preauthkeys"] + arguments + ["--socket", harness.socketPath])
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(outcome.output.contains("machines that joined with it stay"))
            let record = harness.gate.snapshot.preAuthKey(PreAuthKeyID(1))
            #expect(record == nil || record?.expiration == harness.gate.now)
            #expect(harness.gate.snapshot.nodes.count == 1)
        }
    }

    @Test("a key that is not there is said not to be", arguments: ["expire", "delete"])
    func unknown(verb: String) async throws {
        try await CommandHarness.withServer { harness in
            let outcome = await harness.run("preauthkeys", verb, "-i", "9", "--output", "yaml")
            #expect(outcome.status == 1)
            #expect(outcome.error.hasPrefix("error: there is no auth key 9"))
            #expect(await harness.run("preauthkeys", verb, "-i", "x").error.contains("is a number"))
            #expect(await harness.run("preauthkeys", verb, "1", answers: ["no"]).error.contains("nothing was changed"))
        }
    }
}
