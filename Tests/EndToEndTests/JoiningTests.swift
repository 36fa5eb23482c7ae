// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleSwarm
import NeedleTesting
import NeedleTypes
import NeedleWire
import Testing

/// Simulated clients against the real program.
@Suite(.timeLimit(.minutes(5))) struct JoiningTests {
    @Test("clients with and without zstd see each other, and changes as differences")
    func join() async throws {
        let server = try ServerProcess()
        try await server.start()
        let key = try await server.makeKey()
        let target = try ControlTarget(url: server.url)
        let one = try SimulatedClient(to: target, hostname: "one", authKey: key)
        let two = try SimulatedClient(to: target, hostname: "two", authKey: key)
        two.options.compresses = false
        let first = try await one.join()
        let second = try await two.join()
        try await first.waitUntil { $0.peers.values.contains { $0.name.hasPrefix("two.") && $0.online == true } }
        try await second.waitUntil { $0.peers.values.contains { $0.name.hasPrefix("one.") } }
        let endpoint = try #require(Endpoint(text: "192.0.2.7:41641"))
        try await two.liteUpdate(endpoints: [endpoint])
        try await first.waitUntil { $0.peers.values.contains { $0.endpoints == [endpoint] } }
        let region = try #require(second.map.derpMap?.regions[999])
        #expect(region.nodes.first?.certName.hasPrefix("sha256-raw:") == true)
        #expect(second.map.dns?.proxied == true)
        #expect(try await one.oneShotMap().peers == first.map.peers)
        try await two.disconnect()
        try await first.waitUntil(timeLimit: .seconds(40)) { $0.peers.values.contains { $0.online == false } }
        try await one.close()
    }

    @Test("a client that opens its stream again at once gets everything, and then the differences")
    func reopened() async throws {
        let server = try ServerProcess()
        try await server.start()
        let key = try await server.makeKey()
        let target = try ControlTarget(url: server.url)
        let client = try SimulatedClient(to: target, hostname: "client", authKey: key)
        _ = try await client.join().firstMap()
        for _ in 0..<3 {
            let stream = try await client.openMap()
            let own = try #require(try await stream.firstMap().node?.id)
            let name = "name-\(Int.random(in: 0..<1_000_000))"
            _ = try await server.command("nodes", "rename", "-i", "\(own)", name)
            try await stream.waitUntil { $0.node?.name.hasPrefix(name) == true }
        }
        try await client.close()
    }

    @Test("rotation keeps the node, logout expires it, deletion ends its stream")
    func lifeCycle() async throws {
        let server = try ServerProcess()
        try await server.start()
        let key = try await server.makeKey()
        let target = try ControlTarget(url: server.url)
        let watcher = try SimulatedClient(to: target, hostname: "watcher", authKey: key)
        let client = try SimulatedClient(to: target, hostname: "client", authKey: key)
        let watched = try await watcher.join()
        let stream = try await client.join()
        let id = try #require(try await stream.firstMap().node?.id)
        try await watched.waitUntil { $0.peers[id]?.online == true }
        let addresses = watched.map.peers[id]?.addresses
        let rotated = try await client.rotateNodeKey(authKey: key)
        #expect(rotated.isAcceptance)
        let newKey = client.keys.nodeKey
        try await watched.waitUntil { $0.peers[id]?.key == newKey }
        #expect(watched.map.peers[id]?.addresses == addresses)
        try await client.logout()
        try await watched.waitUntil { $0.peers[id]?.expired == true }
        #expect(watched.map.peers[id]?.allowedIPs == [])
        try await stream.waitUntil { $0.node?.keyExpiry != nil && $0.peers.isEmpty }
        _ = try await server.command("nodes", "delete", "-i", "\(id)", "--force")
        try await watched.waitUntil { $0.peers[id] == nil }
        _ = try await stream.waitForEnd()
        try await watcher.close()
    }

    @Test("a machine key that is not the node's, an unknown node and an old version are refused with a sentence")
    func refusals() async throws {
        let server = try ServerProcess()
        try await server.start()
        let key = try await server.makeKey()
        let target = try ControlTarget(url: server.url)
        let owner = try SimulatedClient(to: target, hostname: "owner", authKey: key)
        _ = try await owner.join()
        let thief = try SimulatedClient(to: target, hostname: "thief", authKey: key)
        try await thief.connect()
        var request = thief.streamRequest()
        request.nodeKey = owner.keys.nodeKey
        let stolen = await #expect(throws: ClientError.self) { try await thief.openStream(request) }
        #expect("\(String(describing: stolen))".contains("404"))
        var registration = thief.registration(authKey: key)
        registration.nodeKey = owner.keys.nodeKey
        #expect(try await thief.register(registration).error.contains("another machine"))
        let old = try SimulatedClient(to: target, hostname: "old", authKey: key)
        old.options.version = CapabilityVersion(112)
        try await old.connect()
        let refused = await #expect(throws: ClientError.self) { try await old.register() }
        #expect("\(String(describing: refused))".contains("113"))
        let spent = try SimulatedClient(to: target, hostname: "spent", authKey: "hskey-auth-0-0")
        try await spent.connect()
        #expect(try await spent.register().error.contains("not known here"))
    }

    @Test("after kill -9 and a restart, clients come back with the same keys and addresses")
    func restart() async throws {
        let server = try ServerProcess()
        try await server.start()
        let key = try await server.makeKey()
        let target = try ControlTarget(url: server.url)
        let client = try SimulatedClient(to: target, hostname: "client", authKey: key)
        let before = try await client.join().firstMap().node
        for round in 0..<2 {
            if round == 0 { try await server.crash() } else { #expect(try await server.stop() == 0) }
            try await server.start()
            client.options.authKey = ""
            let after = try await client.join().firstMap().node
            #expect(after?.addresses == before?.addresses)
            #expect(after?.id == before?.id)
        }
        try await client.close()
    }

    @Test("a stopping server ends its streams cleanly and within five seconds")
    func shutdown() async throws {
        let server = try ServerProcess()
        try await server.start()
        let key = try await server.makeKey()
        let client = try SimulatedClient(to: ControlTarget(url: server.url), hostname: "client", authKey: key)
        let stream = try await client.join()
        _ = try await stream.firstMap()
        let status = try await server.stop()
        #expect(status == 0)
        let end = try await stream.waitForEnd()
        #expect(end == .finished)
    }

    @Test("a second server on the same data directory is refused with a sentence")
    func secondServer() async throws {
        let server = try ServerProcess()
        try await server.start()
        let second = try await server.command("serve", expecting: 1)
        #expect(second.errors.contains("data"))
        #expect(second.output.isEmpty)
    }
}
