// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTesting
import NeedleTypes
import Testing

@Suite("users", .timeLimit(.minutes(1)))
struct UsersCommandTests {
    @Test("create says what was made, and what to do next beside it")
    func creates() async throws {
        try await CommandHarness.withServer { harness in
            let outcome = await harness.run(
                "users",
                "create",
                "alice",
                "-d",
                "Alice A.",
                "--email",
                "a@example.com",
                "-p",
                "https://x/y.png"
            )
            #expect(outcome.status == 0)
            #expect(outcome.output == "user 'alice' created, id 1\n")
            #expect(
                outcome.error.contains("needletail --socket \(harness.socketPath) preauthkeys create --user alice\n")
            )
            let user = try #require(harness.gate.snapshot.user(named: "alice"))
            #expect(user.displayName == "Alice A.")
            #expect(user.email == "a@example.com")
            #expect(user.profilePicURL == "https://x/y.png")
        }
    }

    @Test(
        "programs get the object without its envelope",
        arguments: [
            ["users", "create", "alice", "-o", "json"], ["-o", "json", "users", "create", "alice"],
            ["user", "--output=json", "new", "alice"], ["user", "c", "--output", "json", "alice"],
        ]
    )
    func createsForPrograms(arguments: [String]) async throws {
        try await CommandHarness.withServer { harness in
            let outcome = await harness.run(arguments + ["--socket", harness.socketPath])
            #expect(outcome.status == 0)
            #expect(outcome.error == "")
            #expect(
                outcome.object?.keys.sorted() == [
                    "createdAt", "displayName", "email", "id", "name", "profilePicUrl", "provider", "providerId",
                    "role",
                ]
            )
            #expect(outcome.object?["id"] as? String == "1")
        }
    }

    @Test(
        "a name that is taken, or that is none, is refused with the reason",
        arguments: [
            ("bob", "already"), ("1bob", "starts with a letter"), ("b o b", "only letters"), ("../../etc", "letter"),
        ]
    )
    func refuses(name: String, reason: String) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.user(named: "bob")
            let outcome = await harness.run("users", "create", name)
            #expect(outcome.status == 1)
            #expect(outcome.output == "")
            #expect(outcome.error.hasPrefix("error: "))
            #expect(outcome.error.contains(reason), "\(outcome.error)")
            #expect(harness.gate.snapshot.allUsers.count == 1)
        }
    }

    @Test("list shows a table", arguments: ["list", "ls", "show"])
    func lists(verb: String) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.perform(CreateUser(name: "alice", displayName: "山田", email: "a@example.com"))
            _ = try harness.gate.perform(CreateUser(name: "bartholomew"))
            harness.gate.advance(by: .seconds(180))
            let outcome = await harness.run("users", verb)
            #expect(
                outcome.output == """
                    ID  NAME         ROLE    DISPLAY NAME  E-MAIL         CREATED
                    1   alice        owner   山田          a@example.com  3 minutes ago
                    2   bartholomew  member                               3 minutes ago

                    """
            )
        }
    }

    @Test(
        "list takes headscale's filters",
        arguments: [
            (["-i", "2"], ["bob"]), (["-i2"], ["bob"]), (["--identifier=2"], ["bob"]),
            (["--name", "alice"], ["alice"]),
            (["-e", "b@example.com"], ["bob"]), (["-n", "x&name=alice"], []),
        ]
    )
    func filters(options: [String], names: [String]) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.user(named: "alice")
            _ = try harness.gate.perform(CreateUser(name: "bob", email: "b@example.com"))
            let outcome = await harness.run(["users", "list", "-o", "json", "--socket", harness.socketPath] + options)
            #expect(outcome.array?.compactMap { $0["name"] as? String } == names)
        }
    }

    @Test("an empty list is empty, and says how to fill it")
    func emptyList() async throws {
        try await CommandHarness.withServer { harness in
            let text = await harness.run("users", "list")
            #expect(text.output == "")
            #expect(text.error.contains("users create NAME"))
            let line = await harness.run("users", "list", "-o", "json-line")
            #expect(line.output == "[]\n")
            #expect(line.error == "")
            #expect(await harness.run("users", "list", "-o", "yaml").output == "[]\n")
        }
    }

    @Test(
        "rename, by any way to name the user",
        arguments: [
            ["-i", "1"], ["--identifier", "1"], ["-n", "alice"], ["--name=alice"], ["alice"], ["1"],
            ["-i", "1", "-n", "alice"],
        ]
    )
    func renames(selection: [String]) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.user(named: "alice")
            let outcome = await harness.run(
                ["users", "mv", "-r", "al.ice", "--socket", harness.socketPath] + selection
            )
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(outcome.output == "user 'alice' is now 'al.ice'\n")
        }
    }

    @Test(
        "destroy asks at a terminal, and does nothing unless the answer is yes",
        arguments: [
            ("y", true), ("YES", true), ("", false), ("n", false), ("yep", false),
        ]
    )
    func asks(answer: String, isDone: Bool) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.user(named: "alice")
            let outcome = await harness.run("users", "destroy", "-n", "alice", answers: [answer])
            #expect(outcome.error.contains("Destroy the user 'alice' (1)"))
            #expect(outcome.status == (isDone ? 0 : 1))
            #expect(harness.gate.snapshot.allUsers.isEmpty == isDone)
            #expect(outcome.output == (isDone ? "user 'alice' destroyed\n" : ""))
        }
    }

    @Test(
        "destroy does not ask with --force, nor where there is nobody to ask",
        arguments: [
            (["--force", "users", "destroy", "alice"], true), (["users", "destroy", "alice", "--force=true"], true),
            (["users", "delete", "alice"], false),
        ]
    )
    func doesNotAsk(arguments: [String], isTerminal: Bool) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.user(named: "alice")
            let outcome = await harness.run(
                arguments + ["--socket", harness.socketPath, "-o", "json-line"],
                answers: isTerminal ? [] : nil
            )
            #expect(outcome.status == 0)
            #expect(outcome.output == "{}\n")
            #expect(outcome.error == "")
        }
    }

    @Test("who is not there, or has nodes, is not destroyed")
    func refusesToDestroy() async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.join("laptop", user: "alice")
            #expect(await harness.run("users", "destroy", "alice").error.contains("still has nodes"))
            #expect(await harness.run("users", "destroy", "bob").error.contains("there is no user 'bob'"))
            #expect(await harness.run("users", "destroy", "-i", "1", "-n", "bob").error.contains("id 1 and name 'bob'"))
            #expect(await harness.run("users", "destroy", "alice", "-i", "1").error.contains("named twice"))
            #expect(harness.gate.snapshot.allUsers.count == 1)
        }
    }
}
