// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleCommands
import NeedleModel
import NeedleTesting
import NeedleTypes
import Testing

@Suite("The command line as a whole", .timeLimit(.minutes(1)))
struct CommandLineTests {
    @Test(
        "health, in every format",
        arguments: [
            ([], "the server is well, and its database answers\n"),
            (["-o", "json"], "{\n  \"databaseConnectivity\" : true\n}\n"),
            (["-o", "json-line"], "{\"databaseConnectivity\":true}\n"),
            (["-o", "yaml"], "databaseConnectivity: true\n"),
        ]
    )
    func health(options: [String], output: String) async throws {
        try await CommandHarness.withServer { harness in
            for arguments in [options + ["health"], ["health"] + options] {
                let outcome = await harness.run(arguments + ["--socket", harness.socketPath])
                #expect(outcome.status == 0)
                #expect(outcome.output == output)
                #expect(outcome.error == "")
            }
        }
    }

    @Test("YAML keeps ids text and missing values null")
    func yaml() async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.join("laptop", user: "alice")
            let outcome = await harness.run("nodes", "list", "-o", "yaml")
            #expect(outcome.output.contains("  id: '1'\n"))
            #expect(outcome.output.contains("  expiry: null\n"))
            #expect(
                outcome.output.contains("  createdAt: '2026-05-28T20:26:40Z'\n")
                    || outcome.output.contains("  createdAt: 2026-05-28T20:26:40Z\n")
            )
            #expect(outcome.output.contains("approvedRoutes: []\n"))
        }
    }

    @Test("a line of JSON is one line")
    func jsonLine() async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.join("laptop", user: "alice")
            let outcome = await harness.run("nodes", "list", "-o", "json-line")
            #expect(outcome.output.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
            #expect(outcome.output.hasPrefix("[{"))
            #expect(outcome.array?.count == 1)
        }
    }

    @Test(
        "arguments that make no sense have status 64",
        arguments: [
            ["users", "create"], ["users", "destroy"], ["users", "rename", "-i", "1"], ["nodes", "show"],
            ["nodes", "show", "1", "-i", "1"], ["nodes", "rename", "x"], ["nodes", "tag", "1"],
            ["users", "list", "-o", "xml"],
            ["preauthkeys", "create", "-e", "soon"], ["preauthkeys", "create", "-e", ""], ["preauthkeys", "expire"],
            ["nodes", "expire", "1", "-e", "tomorrow"], ["nodes", "expire", "1", "-d", "-e", "2026-06-01T00:00:00Z"],
            ["nothing"], ["users", "list", "--nothing"], ["preauthkeys", "create", "-e", "99999999999y"],
        ]
    )
    func usage(arguments: [String]) async throws {
        try await CommandHarness.withFolder { harness in
            let outcome = await harness.run(arguments)
            #expect(outcome.status == 64, "\(outcome.error)")
            #expect(outcome.output == "")
            #expect(outcome.error.contains("Usage:") || outcome.error.contains("Error:"))
        }
    }

    @Test(
        "help is on standard output and needs no server",
        arguments: [
            ["--help"], ["users", "--help"], ["help", "preauthkeys", "create"], ["nodes"], [],
        ]
    )
    func help(arguments: [String]) async throws {
        try await CommandHarness.withFolder { harness in
            let outcome = await harness.run(arguments)
            #expect(outcome.status == 0)
            #expect(outcome.output.contains("USAGE:"))
            #expect(outcome.error == "")
        }
    }

    @Test("completion scripts", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) async throws {
        try await CommandHarness.withFolder { harness in
            let outcome = await harness.run(["--generate-completion-script", shell])
            #expect(outcome.status == 0)
            #expect(outcome.output.contains("preauthkeys"))
        }
    }

    @Test("version needs no server")
    func version() async throws {
        try await CommandHarness.withFolder { harness in
            #expect(await harness.run(["version"]).output == "needletail 1.2.3 (abc)\n")
            let json = await harness.run(["version", "-o", "json"])
            #expect(json.object?["version"] as? String == "1.2.3")
            #expect(json.object?["commit"] as? String == "abc")
        }
    }

    @Test("generate private-key makes a key of its own each time")
    func privateKey() async throws {
        try await CommandHarness.withFolder { harness in
            let text = await harness.run(["generate", "private-key"]).output
            #expect(MachinePrivateKey(text: text) != nil)
            let json = await harness.run(["gen", "private-key", "-o", "json"]).object
            let other = try #require(json?["private_key"] as? String)
            #expect(MachinePrivateKey(text: other) != nil)
            #expect(other + "\n" != text)
        }
    }

    @Test(
        "colours are for terminals, unless NO_COLOR says otherwise",
        arguments: [
            ([:], true, true), (["NO_COLOR": "1"], true, false), (["NO_COLOR": ""], true, true), ([:], false, false),
            (["TERM": "dumb"], true, false),
        ]
    )
    func colours(environment: [String: String], isTerminal: Bool, isColoured: Bool) async throws {
        try await CommandHarness.withServer { harness in
            _ = try harness.gate.user(named: "alice")
            var harness = harness
            harness.environment = environment
            let outcome = await harness.run("users", "list", answers: isTerminal ? [] : nil)
            #expect(outcome.output.contains("\u{1b}[1m") == isColoured)
            let json = await harness.run("users", "list", "-o", "json", answers: isTerminal ? [] : nil)
            #expect(!json.output.contains("\u{1b}"))
        }
    }

    @Test("a value that looks like a flag's stays a value after --")
    func dashes() async throws {
        try await CommandHarness.withServer { harness in
            let outcome = await harness.run(["users", "create", "--socket", harness.socketPath, "--", "--force=true"])
            #expect(outcome.status == 1)
            #expect(outcome.error.contains("'--force=true'"))
        }
    }
}
