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
            (["--preset", "mesh", "--spawn", "--rate", "0"], "0.001 to 1000000"),
            (["--preset", "mesh", "--spawn", "--churn-percent", "0"], "--churn-percent"),
            (["--preset", "mesh", "--server", "http://127.0.0.1:1", "--keys", "/nonexistent"], "cannot be read"),
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

    @Test("a list of scenarios is read in its order")
    func scenarios() throws {
        #expect(try ScenarioList(text: "churn,reconnect,policy").scenarios == [.churn, .reconnect, .policy])
        #expect(try ScenarioList(text: "").scenarios.isEmpty)
    }
}
