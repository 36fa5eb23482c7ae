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
            for user in plan.roster.users { #expect(harness.gate.snapshot.user(named: user) != nil) }
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
        let script = """
            #!/bin/sh
            echo "$@" >> '\(folder.path)/asked'
            case "$3 $4" in
            "users create") [ "$5" = bad ] && { echo "no such luck"; exit 1; }; echo '{"id": 7, "name": "'$5'"}';;
            "preauthkeys create") echo '{"id": "3", "key": "secret"}';;
            "policy set") cat "$6" > '\(folder.path)/policy';;
            esac
            """
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

    @Test("a command line that fails is quoted")
    func failure() async throws {
        try await CommandHarness.withFolder { harness in
            let administrator = try Self.fakeHeadscale(in: harness.folder)
            do {
                _ = try await administrator.makeUser("bad", email: nil)
                Issue.record("it did not fail")
            } catch let error as CommandError {
                #expect(error.message.contains("no such luck"))
            }
        }
    }
}
