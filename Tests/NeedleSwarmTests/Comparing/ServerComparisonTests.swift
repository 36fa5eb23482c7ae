// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedlePolicy
import NeedleTypes
import Testing

@testable import NeedleSwarm

@Suite(.timeLimit(.minutes(2)))
struct ServerComparisonTests {
    private static func side(
        _ plan: SwarmPlan,
        _ server: TestControlServer,
        policy: String
    ) throws -> ServerComparison.Side {
        var keys: [String: String] = [:]
        // Another order on each server, so that ids and addresses differ.
        for node in plan.roster.nodes where keys[node.key] == nil {
            let user = try node.user.map { try server.gate.run(CreateUser(name: $0)).id }
            let command = CreatePreAuthKey(
                user: user,
                isReusable: true,
                isEphemeral: false,
                tags: node.tags ?? [],
                expiration: nil
            )
            keys[node.key] = try server.gate.run(command).secret.secretText
        }
        _ = try server.gate.run(SetPolicy(Policy(text: Array(policy.utf8)), origin: .file))
        return ServerComparison.Side(target: server.target, keys: keys)
    }

    private static func compare(_ plan: SwarmPlan, policyOfB: String) async throws -> ComparisonReport? {
        var report: ComparisonReport?
        try await TestControlServer.with { a in
            try await TestControlServer.with { b in
                let one = try side(plan, a, policy: plan.policy)
                let other = try side(plan, b, policy: policyOfB)
                report = try await ServerComparison.run(plan, one, other)
            }
        }
        return report
    }

    @Test("a server that is down is one error, with its URL and what to check", arguments: [true, false])
    func down(isFirst: Bool) async throws {
        let plan = try SwarmPreset.ctf.plan(SwarmPreset.ctf.sizes(nodes: 24))
        try await TestControlServer.with { server in
            let up = try Self.side(plan, server, policy: plan.policy)
            let target = try await TestControlServer.targetThatIsDown()
            let down = ServerComparison.Side(target: target, keys: up.keys)
            let error = await #expect(throws: PlanError.self) {
                try await ServerComparison.run(plan, isFirst ? down : up, isFirst ? up : down)
            }
            #expect(
                error?.description
                    == "no client can connect to http://127.0.0.1:\(target.port): no connection: Connection refused; check "
                    + "that a control server runs there, and that scheme, host and port are those that it listens on"
            )
            // Nobody joined the one that is up.
            #expect(server.gate.snapshot.nodes.count == 0)
        }
    }

    @Test("two servers with one policy tell the same")
    func same() async throws {
        let plan = try SwarmPreset.ctf.plan(SwarmPreset.ctf.sizes(nodes: 24))
        let report = try #require(try await Self.compare(plan, policyOfB: plan.policy))
        #expect(report.isSame, "\(report)")
        #expect(report.nodes == plan.roster.nodes.count)
    }

    @Test("with another policy on one of them, the difference is named")
    func different() async throws {
        let plan = try SwarmPreset.ctf.plan(SwarmPreset.ctf.sizes(nodes: 24))
        let report = try #require(try await Self.compare(plan, policyOfB: plan.policy2 ?? ""))
        #expect(!report.isSame)
        #expect(report.clientsBySubject["packet filter"] == plan.roster.nodes.count)
        #expect(report.differences.contains { $0.text.contains("a has nothing, b has ports 65001") })
    }
}
