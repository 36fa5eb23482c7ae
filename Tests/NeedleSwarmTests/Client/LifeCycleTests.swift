// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleNoise
import NeedleSwarm
import NeedleTypes
import NeedleWire
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LifeCycleTests {
    @Test("a rotated node key keeps the node, and peers hear of it")
    func rotation() async throws {
        try await TestControlServer.with { server in
            let key = try server.authKey()
            let (a, b) = (try server.client("a", key), try server.client("b", key))
            let watching = try await b.join()
            let before = try await a.join().firstMap().node
            let old = a.keys.nodeKey
            let answer = try await a.rotateNodeKey()
            #expect(answer.isAcceptance)
            #expect(a.keys.nodeKey != old)
            let rotated = a.keys.nodeKey
            try await watching.waitUntil("the new key") { $0.peers.values.contains { $0.key == rotated } }
            let after = try await a.startMap().firstMap().node
            #expect(after?.id == before?.id)
            #expect(after?.addresses == before?.addresses)
            #expect(after?.key == rotated)
        }
    }

    @Test("a refused rotation leaves the key as it was")
    func refusedRotation() async throws {
        try await TestControlServer.with { server in
            let client = try server.client("a", try server.authKey())
            _ = try await client.join()
            let key = client.keys.nodeKey
            let answer = try await client.rotateNodeKey(authKey: "hskey-auth-nonsense")
            #expect(!answer.isAcceptance)
            #expect(client.keys.nodeKey == key)
        }
    }

    @Test("a lite update reaches peers and leaves the stream alone")
    func liteUpdate() async throws {
        try await TestControlServer.with { server in
            let key = try server.authKey()
            let (a, b) = (try server.client("a", key), try server.client("b", key))
            let stream = try await a.join()
            let watching = try await b.join()
            try await watching.waitUntil { $0.peers.count == 1 }
            let endpoint = try #require(Endpoint(text: "192.0.2.7:41641"))
            try a.rotateDiscoKey()
            try await a.liteUpdate(endpoints: [endpoint])
            let disco = a.keys.discoKey
            try await watching.waitUntil("the endpoint and the key") { map in
                map.peers.values.contains { $0.endpoints == [endpoint] && $0.discoKey == disco }
            }
            #expect(stream.end == nil)
        }
    }

    @Test("one map on its own equals what a stream has", arguments: [true, false])
    func oneShot(compresses: Bool) async throws {
        try await TestControlServer.with { server in
            let key = try server.authKey()
            let (a, b) = (try server.client("a", key), try server.client("b", key))
            a.options.compresses = compresses
            let stream = try await a.join()
            _ = try await b.join().firstMap()
            let map = try await stream.waitUntil { $0.peers.values.contains { $0.online == true } }
            let fresh = try await a.oneShotMap()
            #expect(fresh.peers == map.peers)
            #expect(fresh.node == map.node)
            #expect(fresh.filter == map.filter)
            #expect(fresh.gaps.isEmpty)
        }
    }

    @Test("logging out expires the node")
    func logout() async throws {
        try await TestControlServer.with { server in
            let client = try server.client("a", try server.authKey())
            let stream = try await client.join()
            try await stream.firstMap()
            let answer = try await client.logout()
            #expect(answer.nodeKeyExpired)
            try await stream.waitUntil("the expiry") { $0.node?.keyExpiry != nil }
        }
    }

    @Test("a newer stream ends the older one, and a deleted node's stream ends")
    func streamEnds() async throws {
        try await TestControlServer.with { server in
            let client = try server.client("a", try server.authKey())
            let first = try await client.join()
            let id = try #require(try await first.firstMap().node?.id)
            let second = try await client.startMap()
            #expect(try await first.waitForEnd() == .finished)
            try await second.firstMap()
            _ = try server.gate.run(DeleteNode(node: id))
            #expect(try await second.waitForEnd() == .finished)
            await #expect(throws: ClientError.ended(.finished)) {
                try await second.waitUntil { $0.peers.count == 99 }
            }
        }
    }

    @Test("a client that closes, or vanishes, knows how its streams ended", arguments: [true, false])
    func closing(abruptly: Bool) async throws {
        try await TestControlServer.with { server in
            let client = try server.client("a", try server.authKey())
            let stream = try await client.join()
            try await stream.firstMap()
            if abruptly { try await client.disconnect() } else { try await client.close() }
            #expect(try await stream.waitForEnd() == .closedByClient)
            #expect(try await client.waitForDisconnection() == .closedByClient)
            await #expect(throws: ClientError.notConnected) { try await client.startMap() }
            let again = try await client.join()
            try await again.firstMap()
        }
    }

    @Test("a cancelled stream ends alone, and the connection goes on")
    func cancel() async throws {
        try await TestControlServer.with { server in
            let client = try server.client("a", try server.authKey())
            let stream = try await client.join()
            try await stream.firstMap()
            stream.cancel()
            #expect(try await stream.waitForEnd() == .closedByClient)
            try await client.startMap().firstMap()
        }
    }

    @Test("keeps the last messages if asked to")
    func messages() async throws {
        try await TestControlServer.with { server in
            let client = try server.client("a", try server.authKey())
            client.options.mapStreams.messagesKeptMax = 1
            let stream = try await client.join()
            try await stream.firstMap()
            #expect(stream.messages.count == 1)
            #expect(stream.messageCount >= 1)
        }
    }
}
