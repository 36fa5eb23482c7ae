// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleModel
import NeedleTesting
import NeedleTypes
import Testing

@testable import NeedleCommands
@testable import NeedleSwarm

@Suite("The fleet's users and keys", .timeLimit(.minutes(1)))
struct FleetKeysTests {
    private static func plan() throws -> SwarmPlan {
        try SwarmPreset.ctf.plan(SwarmPreset.ctf.sizes(nodes: 24))
    }

    @Test("are made through the socket: a user and a key for each user, a key for each kind of tagged node")
    func socket() async throws {
        let plan = try Self.plan()
        try await CommandHarness.withServer { harness in
            let keys = try await SocketAdministrator.with(socket: harness.socketPath, patience: .seconds(2)) {
                try await FleetKeys.make(for: plan.roster, by: $0)
            }
            #expect(Set(keys.keys.keys) == Set(plan.roster.nodes.map(\.key)))
            #expect(Set(keys.keys.values).count == keys.keys.count)
            let users = Set(plan.roster.nodes.compactMap(\.user))
            for user in users { #expect(harness.gate.snapshot.user(named: user) != nil) }
        }
    }

    @Test("are made for users that have nodes, and those who are there already stay")
    func users() async throws {
        var plan = try Self.plan()
        plan.roster.users.append("nobody")
        let roster = plan.roster
        try await CommandHarness.withServer { harness in
            let user = try #require(roster.nodes.lazy.compactMap(\.user).first)
            let outcome = await harness.run("users", "create", user)
            #expect(outcome.status == 0)
            let before = harness.gate.snapshot.user(named: user)?.id
            for _ in 1...2 {
                let keys = try await SocketAdministrator.with(socket: harness.socketPath, patience: .seconds(2)) {
                    try await FleetKeys.make(for: roster, by: $0)
                }
                #expect(Set(keys.keys.keys) == Set(roster.nodes.map(\.key)))
            }
            #expect(harness.gate.snapshot.user(named: user)?.id == before)
            #expect(harness.gate.snapshot.user(named: "nobody") == nil)
        }
    }

    @Test("are written for nobody else to read, and read back")
    func file() async throws {
        try await CommandHarness.withFolder { harness in
            let path = harness.folder.appending(path: "keys.json").path
            let keys = FleetKeys(keys: ["user:a": "k1", "tag:b,tag:c": "k2"])
            try keys.write(file: path)
            #expect(try FleetKeys(file: path) == keys)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            try Data("[]".utf8).write(to: URL(filePath: path))
            #expect(throws: CommandError.self) { try FleetKeys(file: path) }
            #expect(throws: CommandError.self) { try FleetKeys(file: path + "-none") }
        }
    }

    /// A program that answers as headscale's command line does, and notes what it was asked.
    private static func fakeHeadscale(in folder: URL) throws -> CommandAdministrator {
        let script = #"""
            #!/bin/sh
            cd '\#(folder.path)' || exit
            echo "$@" >> asked
            case "$3 $4 $5" in
            "users list "*)
                [ -e late ] && echo '[{"id": 9, "name": "late"}]' || echo '[{"id": "4", "name": "dave"}]'
                echo 'a warning' >&2;;
            "users create bad") printf 'no such\tluck\n'; exit 1;;
            "users create json") printf '{\n\t"error": "no such user"\n}\n'; exit 1;;
            "users create late") touch late; exit 1;;
            "users create endless") mkfifo pipe; echo $$ > pid; touch waits; exec cat pipe;;
            "users create "*) echo '{"id": 7, "name": "'$5'"}';;
            "preauthkeys create "*) echo '{"id": "3", "key": "secret"}';;
            "policy set "*) cat "$6" > policy;;
            esac
            """#
        let file = folder.appending(path: "headscale")
        try Data(script.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file.path)
        return CommandAdministrator(command: [file.path, "-c", "config.yaml"])
    }

    @Test("are made with a command line, in headscale's spelling")
    func command() async throws {
        try await CommandHarness.withFolder { harness in
            let administrator = try Self.fakeHeadscale(in: harness.folder)
            #expect(try await administrator.makeUser("alice", email: "a@example.com") == "7")
            #expect(try await administrator.makeKey(user: "7", tags: []) == "secret")
            #expect(try await administrator.makeKey(user: nil, tags: ["tag:a", "tag:b"]) == "secret")
            try await administrator.setPolicy("{\"acls\": []}")
            let asked = try String(contentsOf: harness.folder.appending(path: "asked"), encoding: .utf8)
                .split(separator: "\n")
            #expect(asked[0] == "-c config.yaml users create alice --email a@example.com --output json")
            #expect(asked[1] == "-c config.yaml preauthkeys create --reusable --expiration 24h --user 7 --output json")
            #expect(asked[2].contains("--tags tag:a,tag:b"))
            let policy = try String(contentsOf: harness.folder.appending(path: "policy"), encoding: .utf8)
            #expect(policy == "{\"acls\": []}")
        }
    }

    @Test(
        "a command line that fails is quoted on one line, in headscale's words if there are any",
        arguments: [("bad", "failed: no such luck;"), ("json", "failed: no such user;")]
    )
    func failure(user: String, text: String) async throws {
        try await CommandHarness.withFolder { harness in
            let administrator = try Self.fakeHeadscale(in: harness.folder)
            do {
                _ = try await administrator.makeUser(user, email: nil)
                Issue.record("it did not fail")
            } catch let error as CommandError {
                #expect(error.message.contains(text), "\(error.message)")
                #expect(error.message.contains("swarm keys"))
            }
        }
    }

    private static func roster(_ users: [String]) throws -> Roster {
        var roster = try Self.plan().roster
        roster.users = users
        roster.nodes = users.map { Roster.Node(hostname: "n-\($0)", osname: "linux", user: $0) }
        roster.emails = nil
        return roster
    }

    @Test("a user that a command made without hearing so, or that was there, is used")
    func existing() async throws {
        try await CommandHarness.withFolder { harness in
            let administrator = try Self.fakeHeadscale(in: harness.folder)
            let keys = try await FleetKeys.make(for: Self.roster(["dave", "late"]), by: administrator)
            #expect(Set(keys.keys.keys) == ["user:dave", "user:late"])
            let asked = try String(contentsOf: harness.folder.appending(path: "asked"), encoding: .utf8)
            #expect(!asked.contains("users create dave"))
            #expect(asked.contains("--user 4 ") && asked.contains("--user 9 "))
        }
    }

    @Test("the first command that fails ends the others, and nothing is left running")
    func firstFailure() async throws {
        try await CommandHarness.withFolder { harness in
            let administrator = try Self.fakeHeadscale(in: harness.folder)
            let roster = try Self.roster(["bad", "endless"])
            await #expect(throws: CommandError.self) {
                try await FleetKeys.make(for: roster, by: administrator)
            }
            try Self.expectGone(in: harness.folder)
        }
    }

    @Test("a command ends with the task that waits for it")
    func cancellation() async throws {
        try await CommandHarness.withFolder { harness in
            let administrator = try Self.fakeHeadscale(in: harness.folder)
            let task = Task { try await administrator.makeUser("endless", email: nil) }
            let waits = harness.folder.appending(path: "waits").path
            while !FileManager.default.fileExists(atPath: waits) { await Task.yield() }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try Self.expectGone(in: harness.folder)
        }
    }

    /// The program that never ends was not started, or is gone.
    private static func expectGone(in folder: URL) throws {
        guard let text = try? String(contentsOf: folder.appending(path: "pid"), encoding: .utf8) else { return }
        let pid = text.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(pid)/stat"))
    }

    @Test("are made by a command of their own, before the server has its policy")
    func keysCommand() async throws {
        try await CommandHarness.withFolder { harness in
            let administrator = try Self.fakeHeadscale(in: harness.folder)
            let roster = harness.folder.appending(path: "roster.json").path
            try Self.roster(["alice", "dave"]).json.write(to: URL(filePath: roster))
            let keys = harness.folder.appending(path: "keys.json").path
            let command = administrator.command.joined(separator: " ")
            let outcome = await harness.run(
                ["swarm", "keys", "--roster", roster, "--admin", command, "--keys", keys]
            )
            #expect(outcome.status == 0, "\(outcome.error)")
            #expect(outcome.output == "2 keys, of 2 users and of tagged nodes\n")
            #expect(outcome.error.contains("swarm run --server URL"))
            #expect(try FleetKeys(file: keys).keys == ["user:alice": "secret", "user:dave": "secret"])
        }
    }
}
