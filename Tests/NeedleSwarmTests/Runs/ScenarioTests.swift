// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedlePolicy
import NeedleTransport
import NeedleTypes
import Synchronization
import Testing

@testable import NeedleSwarm

/// Runs with several parts, against a real server with a policy.
@Suite(.timeLimit(.minutes(2)))
struct ScenarioTests {
    private static func configuration(
        _ plan: SwarmPlan,
        _ server: TestControlServer
    ) throws -> SwarmConfiguration {
        var keys: [String: String] = [:]
        var users: [String: UserID] = [:]
        for user in plan.roster.users { users[user] = try server.gate.run(CreateUser(name: user)).id }
        for node in plan.roster.nodes where keys[node.key] == nil {
            keys[node.key] = try server.gate.run(
                CreatePreAuthKey(
                    user: node.user.flatMap { users[$0] },
                    isReusable: true,
                    isEphemeral: false,
                    tags: node.tags ?? [],
                    expiration: nil
                )
            ).secret.secretText
        }
        _ = try server.gate.run(SetPolicy(Policy(text: Array(plan.policy.utf8)), origin: .file))
        var configuration = try SwarmConfiguration(plan, of: server.target, keys: keys)
        let gate = server.gate
        configuration.control.setPolicy = { text in
            _ = try gate.run(SetPolicy(Policy(text: Array(text.utf8)), origin: .file))
        }
        configuration.timeLimit = .seconds(30)
        configuration.progressInterval = .milliseconds(100)
        configuration.silence = .milliseconds(100)
        configuration.joiningSilence = .milliseconds(100)
        return configuration
    }

    private static func plan() throws -> SwarmPlan {
        var sizes = SwarmPreset.acl15k.sizes(nodes: 40)
        (sizes.rules, sizes.users, sizes.groups, sizes.groupUsers) = (30, 20, 8, 2...5)
        return try SwarmPreset.acl15k.plan(sizes)
    }

    @Test("every part of a run ends with every client exact, by name, under a policy")
    func everything() async throws {
        let plan = try Self.plan()
        try await TestControlServer.with { server in
            var configuration = try Self.configuration(plan, server)
            configuration.scenarios = [.newcomer, .reconnect, .policy, .edit, .churn]
            configuration.newcomers = 3
            configuration.churnTime = .seconds(1)
            configuration.churnShare = 0.2
            let (report, chart) = try await SwarmRunner.runAndDraw(configuration) { _ in }
            #expect(report.isExact, "\(report)")
            #expect(report.leaks == 0)
            #expect(report.nodes == 37)
            #expect(
                report.phases.map(\.name) == ["newcomer", "reconnect", "policy", "policy", "edit", "edit", "churn"]
            )
            for phase in report.phases { #expect(phase.outcome == "exact", "\(phase)") }
            #expect(report.phases[1].affected == 40)
            #expect(report.phases[1].wrongMaps == 0)
            #expect(report.phases[2].affected == 40)
            #expect(report.phases[2].doneSeconds != nil)
            #expect(report.phases[4].affected < 20)
            #expect(report.phases[4].untouchedMessages == 0)
            #expect(report.phases[6].delivered == 1)
            #expect(report.tail?.isQuiet == true)
            #expect(report.phases.allSatisfy { $0.tail?.isQuiet == true })
            #expect(chart.hasPrefix("<svg"))
            #expect(chart.contains("reconnect"))
        }
    }

    @Test("clients that see as many as they must, but others, are found")
    func leak() async throws {
        func policy(_ one: String, _ other: String) -> String {
            """
            {"acls": [{"action": "accept", "src": ["alice@"], "dst": ["\(one)@:*"]},
                      {"action": "accept", "src": ["\(other)@"], "dst": ["dave@:*"]}]}
            """
        }
        let plan = try FleetBuilder.plan(for: policy("bob", "carol"), FleetProportions(nodes: 4))
        #expect(plan.roster.nodes.allSatisfy { $0.expectPeers == 1 })
        try await TestControlServer.with { server in
            let configuration = try Self.configuration(plan, server)
            // What is in force is not what the plan says.
            let inForce = Array(policy("carol", "bob").utf8)
            _ = try server.gate.run(SetPolicy(Policy(text: inForce), origin: .file))
            let report = try await SwarmRunner.run(configuration)
            #expect(!report.isExact)
            #expect(report.leaks == 4)
            #expect(report.exactSeconds == nil)
            #expect(report.outcome.contains("4 clients have the right number of peers, but wrong ones"))
            #expect(report.outcome.contains("4 clients were told of nodes that the policy does not let them see"))
        }
    }

    private static let pair = """
        {"acls": [{"action": "accept", "src": ["alice@"], "dst": ["bob@:*"]}]}
        """

    @Test("a run in which a client sees whom it must not ends, and names both", arguments: [true, false])
    func stray(isOfFleet: Bool) async throws {
        var proportions = FleetProportions(nodes: 3)
        proportions.strangers = 1
        let plan = try FleetBuilder.plan(for: Self.pair, proportions)
        try await TestControlServer.with { server in
            var configuration = try Self.configuration(plan, server)
            // Longer than the test may take: nothing but the stray ends the run.
            configuration.timeLimit = .seconds(3600)
            configuration.excessGrace = .milliseconds(50)
            configuration.idleTime = .seconds(3600)
            configuration.scenarios = [.idle, .reconnect]
            if isOfFleet {
                let open = Array(#"{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}"#.utf8)
                _ = try server.gate.run(SetPolicy(Policy(text: open), origin: .file))
            } else {
                // The server is not new: alice has a node already.
                _ = try await server.client("old", configuration.members[0].authKey).join()
            }
            let report = try await SwarmRunner.run(configuration)
            #expect(!report.isExact)
            #expect(report.phases.isEmpty)
            #expect(report.outcome.contains("too many peers (such as 'node-"), "\(report.outcome)")
            #expect(report.outcome.contains("is not of this fleet") == !isOfFleet, "\(report.outcome)")
            #expect(report.outcome.hasSuffix("the run ended there, since that cannot become exact"))
        }
    }

    @Test("a later part of a run in which a client comes to see whom it must not ends the run too")
    func strayLater() async throws {
        let both = """
            {"acls": [{"action": "accept", "src": ["alice@"], "dst": ["bob@:*"]},
                      {"action": "accept", "src": ["bob@"], "dst": ["alice@:*"]}]}
            """
        let plan = try FleetBuilder.plan(for: Self.pair, policy2: both, FleetProportions(nodes: 2))
        try await TestControlServer.with { server in
            var configuration = try Self.configuration(plan, server)
            configuration.timeLimit = .seconds(3600)
            configuration.excessGrace = .milliseconds(50)
            configuration.idleTime = .seconds(3600)
            configuration.scenarios = [.policy, .idle]
            let key = configuration.members[0].authKey
            let client = try server.client("uninvited", key)
            // The policy stays, so that alice waits for a filter, and bob is told of somebody.
            configuration.control.setPolicy = { _ in _ = try await client.join() }
            let report = try await SwarmRunner.run(configuration)
            #expect(report.phases.map(\.name) == ["policy"])
            #expect(report.outcome.contains("1 clients have too many peers"), "\(report.outcome)")
            #expect(report.outcome.contains("is not of this fleet"), "\(report.outcome)")
        }
    }

    @Test("--time-limit holds for nodes that need certain addresses, when nothing answers them")
    func addressesInTime() async throws {
        let policy = """
            {"acls": [{"action": "accept", "src": ["100.99.0.7", "100.99.0.8"], "dst": ["100.99.0.9:80"]}]}
            """
        let plan = try FleetBuilder.plan(for: policy, FleetProportions(nodes: 4))
        #expect(plan.roster.nodes.compactMap(\.address).count == 3)
        try await TestControlServer.with(router: SilentRouter()) { server in
            let keys = Dictionary(plan.roster.nodes.map { ($0.key, "k") }, uniquingKeysWith: { first, _ in first })
            var configuration = try SwarmConfiguration(plan, of: server.target, keys: keys)
            // What one node may take is more than the test may.
            configuration.connectTimeLimit = .seconds(3600)
            configuration.timeLimit = .milliseconds(50)
            let report = try await SwarmRunner.run(configuration)
            #expect(report.outcome.contains("4 clients lack peers"), "\(report.outcome)")
        }
    }

    @Test("a node that needs a certain address and is refused for good does not hold up the others")
    func addressesRefused() async throws {
        let policy = #"{"acls": [{"action": "accept", "src": ["100.99.0.7"], "dst": ["100.99.0.9:80"]}]}"#
        let plan = try FleetBuilder.plan(for: policy, FleetProportions(nodes: 3))
        try await TestControlServer.with { server in
            let keys = Dictionary(plan.roster.nodes.map { ($0.key, "k") }, uniquingKeysWith: { first, _ in first })
            var configuration = try SwarmConfiguration(plan, of: server.target, keys: keys)
            configuration.attemptsMax = 1
            configuration.connectTimeLimit = .seconds(3600)
            configuration.timeLimit = .seconds(3600)
            configuration.scenarios = [.idle]
            configuration.idleTime = .seconds(3600)
            let report = try await SwarmRunner.run(configuration)
            #expect(report.outcome.contains("of whom 3 did not get in and gave up"), "\(report.outcome)")
            #expect(report.phases.isEmpty)
        }
    }

    @Test("a server whose clients lack something is not watched as an idle one, and the report says so")
    func notIdle() async throws {
        try await TestControlServer.with { server in
            var configuration = SwarmConfiguration(mesh: 3, of: server.target, authKey: try server.authKey())
            configuration.members[0].expectedPeers = 99
            // The others have to be in by then, on a machine that runs all tests at once.
            configuration.timeLimit = .seconds(15)
            configuration.idleTime = .seconds(3600)
            let report = try await SwarmRunner.run(configuration)
            #expect(report.phases.isEmpty)
            #expect(report.notes == ["idle was left out, since 1 clients lack peers"])
        }
    }

    @Test("a registration is waited for as long as the run lasts, and not made again meanwhile")
    func slowRegistration() async throws {
        let router = CountingRouter()
        try await TestControlServer.with(router: router) { server in
            var configuration = SwarmConfiguration(mesh: 3, of: server.target, authKey: "k")
            configuration.connectTimeLimit = .seconds(1)
            configuration.timeLimit = .seconds(3)
            let report = try await SwarmRunner.run(configuration)
            #expect(report.outcome == "3 clients lack peers")
            #expect(report.description.contains("registered: none of 3 clients"))
            #expect(router.requests <= 3)
        }
    }

    @Test("nodes whose address the policy names get it")
    func addresses() async throws {
        let policy = """
            {"hosts": {"box": "100.99.0.7"}, "acls": [{"action": "accept", "src": ["alice@"], "dst": ["box:80"]}]}
            """
        let plan = try FleetBuilder.plan(for: policy, FleetProportions(nodes: 6))
        try await TestControlServer.with { server in
            let report = try await SwarmRunner.run(Self.configuration(plan, server))
            #expect(report.isExact, "\(report)")
        }
    }

    @Test("a run that is cancelled ends, and does not wait for what is missing")
    func cancellation() async throws {
        try await TestControlServer.with { server in
            var configuration = SwarmConfiguration(mesh: 3, of: server.target, authKey: try server.authKey())
            configuration.members[0].expectedPeers = 99
            let endless = configuration
            let run = Task { try await SwarmRunner.run(endless) }
            run.cancel()
            await #expect(throws: (any Error).self) { try await run.value }
        }
    }

    @Test("clients may begin at a rate")
    func rate() async throws {
        try await TestControlServer.with { server in
            var configuration = SwarmConfiguration(mesh: 10, of: server.target, authKey: try server.authKey())
            configuration.rate = 100
            let report = try await SwarmRunner.run(configuration)
            #expect(report.isExact)
            #expect(try #require(report.registeredSeconds) > 0.05)
        }
    }

    @Test("refuses scenarios that it cannot play", arguments: [SwarmScenario.policy, .edit, .newcomer])
    func refusals(scenario: SwarmScenario) async throws {
        var configuration = SwarmConfiguration(mesh: 2, of: ControlTarget(host: "127.0.0.1", port: 1), authKey: "k")
        configuration.scenarios = [scenario]
        let refused = configuration
        await #expect(throws: ClientError.self) { try await SwarmRunner.run(refused) }
    }
}

/// Counts requests, and never answers.
private final class CountingRouter: InnerRouter {
    private let count = Mutex(0)

    var requests: Int { count.withLock { $0 } }

    func handle(_ request: InnerRequest, on exchange: InnerExchange) {
        count.withLock { $0 += 1 }
        // Held, since an exchange that is let go is answered for it.
        exchange.onClosed = { _ = exchange }
    }
}
