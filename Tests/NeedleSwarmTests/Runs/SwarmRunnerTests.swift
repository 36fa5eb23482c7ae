// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleSwarm
import NeedleTypes
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SwarmRunnerTests {
    @Test("lets clients join at once until each has exactly the others", arguments: [true, false])
    func mesh(compresses: Bool) async throws {
        try await TestControlServer.with { server in
            var configuration = SwarmConfiguration(mesh: 40, of: server.target, authKey: try server.authKey())
            configuration.compresses = compresses
            configuration.connectingMax = 8
            let report = try await SwarmRunner.run(configuration)
            #expect(report.isExact, "\(report)")
            #expect(report.nodes == 40)
            #expect(report.registered?.count == 40)
            #expect(report.firstMap?.count == 40)
            #expect(report.exactSeconds != nil)
            #expect(report.messages >= 40)
            #expect(report.wireBytes > 0)
            #expect(report.strays == 0)
            #expect(report.errors.isEmpty)
        }
    }

    @Test("says who lacks what when clients cannot be exact")
    func lacking() async throws {
        try await TestControlServer.with { server in
            var configuration = SwarmConfiguration(mesh: 3, of: server.target, authKey: try server.authKey())
            configuration.members[0].expectedPeers = 1
            configuration.members[2].expectedPeers = 1
            configuration.members[1].authKey = "hskey-auth-nonsense"
            configuration.attemptsMax = 1
            let report = try await SwarmRunner.run(configuration)
            #expect(!report.isExact)
            #expect(report.exactSeconds == nil)
            #expect(report.registeredSeconds == nil)
            #expect(report.outcome.contains("lack peers"))
            #expect(report.errors.values.reduce(0, +) == 1)
        }
    }

    @Test("refuses servers that are not on this machine", arguments: ["http://192.0.2.1:8080", "https://example.com"])
    func remote(url: String) async throws {
        let target = try ControlTarget(url: url)
        await #expect(throws: ClientError.self) {
            try await SwarmRunner.run(SwarmConfiguration(mesh: 2, of: target, authKey: "k"))
        }
    }
}
