// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import NeedleModel
import NeedleTransport
import NeedleTypes
import NeedleWire
import Testing

@Suite struct RelayForwardingTests {
    private static let disco = DERPProtocol.discoMagic + Array(repeating: UInt8(1), count: 56)

    private func packet(_ bytes: [UInt8], from other: RelayTestWorld.Connection) -> RelayTestClient.Received {
        .recvPacket(from: other.client.key, packet: ByteBuffer(bytes: bytes))
    }

    @Test("packets arrive with their sender's key, in order, and only where they belong")
    func forwards() throws {
        let world = try RelayTestWorld()
        let (one, two, three) = (try world.connect(1), try world.connect(2), try world.connect(3))
        try one.send([1], to: two)
        try one.send([2], to: two)
        try three.send([], to: two)
        try two.send([4], to: one)
        world.loop.run()
        #expect(try two.received() == [packet([1], from: one), packet([2], from: one), packet([], from: three)])
        #expect(try one.received() == [packet([4], from: two)])
        #expect(try three.received() == [])
        let counters = world.hub.counters
        #expect((counters.packetsReceived, counters.packetsQueued, counters.bytesReceived) == (4, 4, 3))
        #expect(counters.drops.isEmpty)
    }

    @Test("the longest packet passes")
    func longest() throws {
        let world = try RelayTestWorld()
        let (one, two) = (try world.connect(1), try world.connect(2))
        let longest = (0..<65_536).map { UInt8(truncatingIfNeeded: $0) }
        try one.send(longest, to: two)
        try one.send([1], to: two)
        world.loop.run()
        #expect(try two.received() == [packet(longest, from: one), packet([1], from: one)])
    }

    @Test("a client that does not read loses its oldest packets, then its connection")
    func stalled() throws {
        let world = try RelayTestWorld()
        let (one, two) = (try world.connect(1), try world.connect(2))
        two.stall.stall()
        for number in 0..<100 {
            try one.send([UInt8(number)], to: two)
            world.loop.run()
        }
        // The first is being written, 32 wait.
        #expect(two.stall.heldBytes == 38)
        #expect(world.hub.counters.drops == [.dataQueueFull: 67])
        try two.stall.resume(two.channel)
        world.loop.run()
        #expect(try two.received() == ([0] + (68..<100)).map { packet([$0], from: one) })

        two.stall.stall()
        try one.send([1], to: two)
        world.loop.run()
        try one.send([2], to: two)
        world.loop.advanceTime(by: .milliseconds(1_999))
        #expect(two.channel.isActive)
        world.loop.advanceTime(by: .milliseconds(1))
        #expect(!two.channel.isActive)
        #expect(world.hub.counters.closes == ["write_timeout": 1])
        #expect(world.hub.counters.drops == [.dataQueueFull: 67, .connectionClosed: 1])
    }

    @Test("a backlog of long packets is written in turns, each kind in order")
    func longBacklog() throws {
        let world = try RelayTestWorld()
        let (one, two) = (try world.connect(1), try world.connect(2))
        let filler = Array(repeating: UInt8(0), count: 20_000)
        for number in UInt8(0)..<32 {
            try one.send([number] + filler, to: two)
            try one.send(Self.disco + [number] + filler, to: two)
        }
        world.loop.run()
        let packets = try two.received()
        #expect(packets.count == 64)
        #expect(packets.filter { isDisco($0) } == (0..<32).map { packet(Self.disco + [$0] + filler, from: one) })
        #expect(packets.filter { !isDisco($0) } == (0..<32).map { packet([$0] + filler, from: one) })
        #expect(world.hub.counters.drops.isEmpty)
    }

    private func isDisco(_ message: RelayTestClient.Received) -> Bool {
        if case .recvPacket(_, let packet) = message { DERPProtocol.looksLikeDisco(packet) } else { false }
    }

    @Test("the bound holds while the destination's loop does not run at all")
    func busyLoop() throws {
        let world = try RelayTestWorld()
        let (one, two) = (try world.connect(1), try world.connect(2))
        for number in 0..<100 { try one.send([UInt8(number)], to: two) }
        world.loop.run()
        #expect(try two.received() == (68..<100).map { packet([$0], from: one) })
        #expect(world.hub.counters.drops == [.dataQueueFull: 68])
    }

    @Test("an unknown destination is told for discovery only, three times at once")
    func unknownDestination() throws {
        let world = try RelayTestWorld()
        let one = try world.connect(1)
        let nobody = try RelayTestClient(number: 9).key
        for _ in 0..<5 { try one.send(RelayTestClient.packet([1], to: nobody)) }
        #expect(try one.received() == [])
        for _ in 0..<5 { try one.send(RelayTestClient.packet(Self.disco, to: nobody)) }
        #expect(try one.received() == Array(repeating: .peerGone(nobody, .notHere), count: 3))
        world.loop.advanceTime(by: .seconds(1))
        for _ in 0..<5 { try one.send(RelayTestClient.packet(Self.disco, to: nobody)) }
        #expect(try one.received() == [.peerGone(nobody, .notHere)])
        #expect(world.hub.counters.drops == [.unknownDestination: 15])
        #expect(world.hub.counters.discoPacketsReceived == 10)
    }

    @Test("those whom a client had sent to learn that it has gone, and nobody else")
    func departures() throws {
        let world = try RelayTestWorld()
        let (one, two, three) = (try world.connect(1), try world.connect(2), try world.connect(3))
        try one.send([1], to: two)
        try three.send([1], to: one)
        world.loop.run()
        one.channel.close(promise: nil)
        world.loop.run()
        #expect(try two.received() == [packet([1], from: one), .peerGone(one.client.key, .disconnected)])
        #expect(try three.received() == [])
        #expect(!world.hub.isConnected(one.client.key))
        #expect(world.hub.counters.noticesQueued == 1)
    }

    @Test("the newest connection of a client gets its packets, the older one stays and may take over")
    func duplicates() throws {
        let world = try RelayTestWorld()
        let one = try world.connect(1)
        let (old, new) = (try world.connect(2), try world.connect(2))
        try one.send([1], to: new)
        world.loop.run()
        #expect(try new.received() == [packet([1], from: one)])
        try old.send([2], to: one)
        try one.send([3], to: new)
        world.loop.run()
        #expect(try old.received() == [packet([3], from: one)])
        #expect((world.hub.counters.clients, world.hub.counters.connections) == (2, 3))
        old.channel.close(promise: nil)
        try one.send([4], to: new)
        world.loop.run()
        #expect(try new.received() == [packet([4], from: one)])
        #expect(try one.received() == [packet([2], from: old)], "and nobody is told that the client has gone")
    }

    @Test("a client that opens too many connections loses the least active one")
    func eviction() throws {
        var limits = RelayLimits()
        limits.connectionsPerClientMax = 2
        let world = try RelayTestWorld(limits: limits)
        let connections = try (0..<3).map { _ in try world.connect(1) }
        world.loop.run()
        #expect(connections.map(\.channel.isActive) == [false, true, true])
        #expect(world.hub.counters.connections == 2)
        #expect(world.hub.counters.closes == ["evicted": 1])
    }
}
