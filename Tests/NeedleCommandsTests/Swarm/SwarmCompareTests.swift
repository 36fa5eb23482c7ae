// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Testing

@testable import NeedleCommands
@testable import NeedleSwarm

@Suite("swarm compare", .timeLimit(.minutes(1)))
struct SwarmCompareTests {
    private static func arguments(_ harness: CommandHarness) throws -> [String] {
        let plan = try SwarmPreset.mesh.plan(SwarmPreset.mesh.sizes(nodes: 3))
        try plan.write(to: harness.folder.path)
        let keys = harness.folder.appending(path: "keys.json").path
        let texts = Dictionary(plan.roster.nodes.map { ($0.key, "k") }, uniquingKeysWith: { first, _ in first })
        try FleetKeys(keys: texts).write(file: keys)
        let roster = harness.folder.appending(path: SwarmPlan.rosterName).path
        // Nobody but root could listen there, and nobody does.
        return [
            "swarm", "compare", "--roster", roster, "--a", "http://127.0.0.1:1", "--keys-a", keys, "--b",
            "http://127.0.0.1:2", "--keys-b", keys,
        ]
    }

    @Test("a server that is down is one error, with its URL, and none for each client")
    func down() async throws {
        try await CommandHarness.withFolder { harness in
            let outcome = await harness.run(try Self.arguments(harness))
            #expect(outcome.status == 1)
            #expect(
                outcome.error
                    == "error: no client can connect to http://127.0.0.1:1: no connection: Connection refused; check that a "
                    + "control server runs there, and that scheme, host and port are those that it listens on\n"
            )
            #expect(outcome.output.isEmpty)
        }
    }

    @Test("a report that cannot be written is said before the comparison")
    func unwritable() async throws {
        try await CommandHarness.withFolder { harness in
            let file = harness.folder.appending(path: "none/file").path
            let outcome = await harness.run(try Self.arguments(harness) + ["--json", file])
            #expect(outcome.error.hasPrefix("error: '\(file)' cannot be written: its folder is not there; "))
        }
    }
}
