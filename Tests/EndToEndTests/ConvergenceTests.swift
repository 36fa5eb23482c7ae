// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleSwarm
import NeedleTesting
import NeedleTypes
internal import NeedleWire
import Testing

/// Random histories against the real program, over zstd streams.
@Suite(.timeLimit(.minutes(5))) struct ConvergenceTests {
    @Test(
        "after random joins, leaves, renames, expiries, rotations and updates every map equals a fresh one",
        arguments: [UInt64(7), 8, 9]
    )
    func convergence(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let server = try ServerProcess()
        try await server.start()
        let key = try await server.makeKey()
        let target = try ControlTarget(url: server.url)
        var clients: [(client: SimulatedClient, stream: SimulatedMapStream, node: NodeID)] = []
        for step in 0..<40 {
            let chosen = clients.randomElement(using: &random)
            switch (Int.random(in: 0..<8, using: &random), chosen) {
            case (0...2, _) where clients.count < 10, (_, nil):
                let client = try SimulatedClient(to: target, hostname: "host\(step % 4)", authKey: key)
                client.options.compresses = step.isMultiple(of: 2)
                let stream = try await client.join()
                clients.append((client, stream, try #require(try await stream.firstMap().node?.id)))
            case (3, let chosen?):
                _ = try await server.command("nodes", "rename", "-i", "\(chosen.node)", "name\(step)")
            case (4, let chosen?):
                _ = try await server.command("nodes", "delete", "-i", "\(chosen.node)", "--force")
                clients.removeAll { $0.node == chosen.node }
                _ = try await chosen.stream.waitForEnd()
            case (5, let chosen?):
                try await chosen.client.rotateNodeKey(authKey: key)
            case (6, let chosen?):
                _ = try await server.command("nodes", "expire", "-i", "\(chosen.node)", "--force")
                try await chosen.client.rotateNodeKey(authKey: key)
            case (_, let chosen?):
                let endpoint = try #require(Endpoint(text: "192.0.2.1:\(1000 + step)"))
                try await chosen.client.liteUpdate(endpoints: [endpoint])
            }
        }
        #expect(clients.count > 1)
        for (client, stream, _) in clients {
            let fresh = try await client.oneShotMap()
            try await stream.waitUntil { $0.peers == fresh.peers && $0.filter == fresh.filter }
            #expect(stream.map.node?.key == client.keys.nodeKey)
        }
    }
}
