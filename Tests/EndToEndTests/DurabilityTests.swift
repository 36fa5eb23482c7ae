// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleSwarm
import NeedleTesting
import NeedleTypes
internal import NeedleWire
import Testing

/// What was answered with success survives `kill -9`.
@Suite(.timeLimit(.minutes(10))) struct DurabilityTests {
    @Test("everything that was acknowledged before a kill is there after the restart", arguments: [UInt64(1), 2])
    func kills(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let server = try ServerProcess()
        try await server.start()
        let key = try await server.makeKey()
        let target = try ControlTarget(url: server.url)
        var acknowledged: [(keys: ClientKeys, node: NodeID)] = []
        for _ in 0..<6 {
            let joined = try await Self.joinUntilKilled(
                target,
                key: key,
                after: Int.random(in: 1...12, using: &random),
                kill: { try await server.crash() }
            )
            acknowledged += joined
            try await server.start()
            for (keys, node) in acknowledged.suffix(12) {
                let client = SimulatedClient(to: target, options: ClientOptions(hostname: "again"), keys: keys)
                try await client.connect()
                #expect(try await client.register().isAcceptance, "seed \(seed)")
                #expect(try await client.oneShotMap().node?.id == node, "seed \(seed)")
                try await client.close()
            }
        }
        #expect(acknowledged.count > 5, "seed \(seed)")
        let listed = try await server.command("nodes", "list", "--output", "json-line").output
        for (_, node) in acknowledged { #expect(listed.contains("\"id\":\"\(node)\""), "seed \(seed)") }
    }

    /// Joins clients one after the other while the server is killed; returns those that were told they are in.
    private static func joinUntilKilled(
        _ target: ControlTarget,
        key: String,
        after count: Int,
        kill: () async throws -> Void
    ) async throws -> [(keys: ClientKeys, node: NodeID)] {
        let (acknowledgements, acknowledged) = AsyncStream.makeStream(of: Void.self)
        let joining = Task {
            defer { acknowledged.finish() }
            var joined: [(keys: ClientKeys, node: NodeID)] = []
            for index in 0..<500 {
                do {
                    let client = try SimulatedClient(to: target, hostname: "d\(index)", authKey: key)
                    client.options.timeLimit = .seconds(5)
                    try await client.connect()
                    guard try await client.register().isAcceptance else { break }
                    let node = try? await client.oneShotMap().node?.id
                    if let node { joined.append((client.keys, node)) }
                    acknowledged.yield()
                    try await client.close()
                } catch {
                    // The server is gone: that is what this is about.
                    break
                }
            }
            return joined
        }
        // In the middle of whatever comes after that many answers.
        var seen = 0
        for await _ in acknowledgements {
            seen += 1
            if seen == count { break }
        }
        try await kill()
        return await joining.value
    }
}
