// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Testing

@testable import NeedleCommands
@testable import NeedleSwarm

@Suite("swarm run: options", .timeLimit(.minutes(1)))
struct SwarmRunOptionsTests {
    @Test(
        "says what is missing, or does not go together",
        arguments: [
            (["--spawn"], "which fleet"), (["--preset", "mesh"], "--spawn for a new one"),
            (["--preset", "mesh", "--server", "http://127.0.0.1:1"], "--keys"),
            (["--preset", "mesh", "--spawn", "--server", "http://127.0.0.1:1"], "--spawn makes its own"),
            (["--preset", "mesh", "--spawn", "--scenario", "dance"], "no scenario 'dance'"),
            (
                ["--preset", "mesh", "--spawn", "--scenario", "dance"],
                "there are idle, reconnect, policy, edit, newcomer, churn, soak, and joining, which always happens first"
            ),
            (["--spawn", "--roster", "r", "--nodes", "3"], "leave --preset and --nodes"),
            (
                ["--preset", "mesh", "--spawn", "--spawn-program", "/nonexistent"],
                "'/nonexistent' is no program that this user may run"
            ),
            (["--preset", "mesh", "--spawn", "--rate", "0"], "0.001 to 1000000"),
            (["--preset", "mesh", "--spawn", "--churn-percent", "0"], "--churn-percent"),
            (
                ["--preset", "mesh", "--server", "http://127.0.0.1:1", "--keys", "/nonexistent"],
                "the keys '/nonexistent' cannot be read: it is not there"
            ),
        ] as [([String], String)]
    )
    func refusals(arguments: [String], text: String) async throws {
        try await CommandHarness.withFolder { harness in
            let outcome = await harness.run(["swarm", "run"] + arguments)
            #expect(outcome.status != 0)
            #expect(outcome.error.contains(text), "\(outcome.error)")
        }
    }

    @Test("does not load a server elsewhere unless told that it may")
    func remote() async throws {
        try await CommandHarness.withFolder { harness in
            let keys = harness.folder.appending(path: "keys.json").path
            let users = SwarmPreset.mesh.sizes.users
            let all = (1...users).map {
                ("user:u" + String(repeating: "0", count: 3 - "\($0)".count + 1) + "\($0)", "k")
            }
            try FleetKeys(keys: Dictionary(uniqueKeysWithValues: all)).write(file: keys)
            let outcome = await harness.run(
                ["swarm", "run", "--preset", "mesh", "--nodes", "3", "--server", "http://192.0.2.1:80", "--keys", keys]
            )
            #expect(outcome.status != 0)
            #expect(outcome.error.contains("--i-own-this-server"), "\(outcome.error)")
        }
    }

    /// The arguments of a run of three clients against a server that is not there, with good keys.
    private static func arguments(_ harness: CommandHarness) throws -> [String] {
        let plan = try SwarmPreset.mesh.plan(SwarmPreset.mesh.sizes(nodes: 3))
        let keys = harness.folder.appending(path: "keys.json").path
        let texts = Dictionary(plan.roster.nodes.map { ($0.key, "k") }, uniquingKeysWith: { first, _ in first })
        try FleetKeys(keys: texts).write(file: keys)
        return ["swarm", "run", "--preset", "mesh", "--nodes", "3", "--server", "http://127.0.0.1:1", "--keys", keys]
    }

    @Test("a report or chart that cannot be written is said before the run", arguments: ["--json", "--plot"])
    func unwritable(option: String) async throws {
        try await CommandHarness.withFolder { harness in
            let file = harness.folder.appending(path: "none/file").path
            let outcome = await harness.run(try Self.arguments(harness) + [option, file])
            #expect(outcome.status == 1)
            // Nothing else: no progress, no report.
            #expect(
                outcome.error
                    == "error: '\(file)' cannot be written: its folder is not there; name a file in a folder of yours "
                    + "with \(option)\n"
            )
            #expect(outcome.output.isEmpty)
        }
    }

    @Test("a process that is not there is said before the run")
    func noProcess() async throws {
        try await CommandHarness.withFolder { harness in
            // More than Linux has numbers for.
            let outcome = await harness.run(try Self.arguments(harness) + ["--server-pid", "4194305"])
            #expect(outcome.status == 1)
            #expect(
                outcome.error
                    == "error: there is no process 4194305; --server-pid takes the server's number, as pgrep shows it\n"
            )
        }
    }

    @Test("a broken roster, and broken keys, are named with their place")
    func brokenFiles() async throws {
        try await CommandHarness.withFolder { harness in
            let roster = try harness.file("roster.json", "{\n \"preset\": 7}")
            let server = ["--server", "http://127.0.0.1:1", "--keys"]
            let outcome = await harness.run(["swarm", "run", "--roster", roster] + server + ["k"])
            #expect(
                outcome.error.hasPrefix(
                    "error: the roster '\(roster)' cannot be used: line 2, column 12: 'preset' must be a text in quotes; "
                )
            )
            let keys = try harness.file("keys.json", "{\n \"user:u0001\": [\"SECRET\"]}")
            let run = ["swarm", "run", "--preset", "mesh", "--nodes", "1"] + server + [keys]
            let error = await harness.run(run).error
            #expect(error.contains("the keys '\(keys)' cannot be used: line 2, column 16: 'user:u0001' must be a text"))
            #expect(!error.contains("SECRET"))
        }
    }

    @Test("the help says that joining always happens, and does not list it")
    func help() async throws {
        try await CommandHarness.withFolder { harness in
            let text = await harness.run(["swarm", "run", "--help"]).output
                .split(whereSeparator: \.isWhitespace).joined(separator: " ")
            #expect(text.contains("after all have joined, which they always do"), "\(text)")
            #expect(text.contains("commas: idle, reconnect, policy, edit, newcomer, churn, soak."), "\(text)")
        }
    }

    @Test("a list of scenarios is read in its order, and joining in it is nothing more")
    func scenarios() throws {
        #expect(try ScenarioList(text: "join,idle").scenarios == [.idle])
        #expect(try ScenarioList(text: "churn,reconnect,policy").scenarios == [.churn, .reconnect, .policy])
        #expect(try ScenarioList(text: "").scenarios.isEmpty)
    }
}
