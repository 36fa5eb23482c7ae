// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import FoundationEssentials
import Testing

@testable import NeedleSwarm

/// Files that the workload script of the comparison with other servers wrote, cut to a few nodes.
@Suite struct WorkloadTests {
    @Test("agrees with the other program's count of peers", arguments: ["acl15k", "brutal", "ctf", "mesh"])
    func peers(preset: String) throws {
        let plan = try Self.plan(preset)
        #expect(plan.roster.preset == preset)
        let one = try PlainVisibility(PlainPolicy(plan.policy), plan.roster)
        #expect(one.expectedPeers() == plan.roster.nodes.map(\.expectPeers))
        let two = try PlainVisibility(PlainPolicy(#require(plan.policy2)), plan.roster)
        #expect(two.expectedPeers() == plan.roster.nodes.map(\.expectPeers2))
        #expect(plan.roster.markerPort == SwarmPlan.markerPort)
    }

    private static func plan(_ preset: String) throws -> SwarmPlan {
        let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Fixtures/workloads")
        return try SwarmPlan.read(roster: fixtures.appending(path: "\(preset)/roster.json").path)
    }
}
