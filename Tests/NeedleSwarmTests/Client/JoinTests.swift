// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleSwarm
import NeedleTypes
import NeedleWire
import Testing

@Suite(.timeLimit(.minutes(1)))
struct JoinTests {
    @Test("joins and holds a map stream on which others appear", arguments: [true, false])
    func join(compresses: Bool) async throws {
        try await TestControlServer.with { server in
            let key = try server.authKey()
            let first = try server.client("first", key)
            first.options.compresses = compresses
            let stream = try await first.join()
            let map = try await stream.firstMap()
            #expect(map.node?.name == "first.example.com.")
            #expect(map.peers.isEmpty)
            #expect(map.derpMap?.regions.count == 1)

            let second = try server.client("second", key)
            let other = try await second.join()
            try await stream.waitUntil("the second client online") { map in
                map.peers.values.contains { $0.name == "second.example.com." && $0.online == true }
            }
            try await other.waitUntil { $0.peers.count == 1 }
            #expect(stream.end == nil)
            #expect(stream.messageCount >= 2)
            #expect(stream.wireBytes > 0)

            try await second.close()
            try await first.close()
        }
    }
}
