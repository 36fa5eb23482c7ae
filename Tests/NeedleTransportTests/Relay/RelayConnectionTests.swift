// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import NeedleModel
import NeedleTesting
import NeedleTransport
import NeedleTypes
import NeedleWire
import Testing

@Suite struct RelayConnectionTests {
    @Test("pings are answered, unknown frames are not")
    func pings() throws {
        let world = try RelayTestWorld()
        let one = try world.connect(1)
        try one.send(RelayTestClient.bytes(of: .ping(1)))
        try one.send(ByteBuffer(bytes: [0x77, 0, 0, 0, 2, 1, 2]))
        try one.send(RelayTestClient.bytes(of: .ping(2)))
        #expect(try one.received() == [.pong(1), .pong(2)])
    }

    @Test("one answer waits behind a write")
    func pingsBehindWrite() throws {
        let world = try RelayTestWorld()
        let one = try world.connect(1)
        one.stall.stall()
        for number in UInt64(1)...5 { try one.send(RelayTestClient.bytes(of: .ping(number))) }
        try one.stall.resume(one.channel)
        #expect(try one.received() == [.pong(1), .pong(2)])
    }

    @Test("keep-alives come every 60 to 65 seconds")
    func keepAlives() throws {
        let world = try RelayTestWorld()
        let one = try world.connect(1)
        world.loop.advanceTime(by: .milliseconds(59_999))
        #expect(try one.received() == [])
        world.loop.advanceTime(by: .milliseconds(5_001))
        #expect(try one.received() == [.keepAlive])
        world.loop.advanceTime(by: .seconds(650))
        #expect(try one.received() == Array(repeating: .keepAlive, count: 10))
    }

    @Test("the home note is counted once, and ends with the connection")
    func home() throws {
        let world = try RelayTestWorld()
        let (one, two) = (try world.connect(1), try world.connect(2))
        for connection in [one, one, two] {
            try connection.send(RelayTestClient.bytes(of: .notePreferred(true)))
        }
        #expect(world.hub.counters.homeConnections == 2)
        try one.send(RelayTestClient.bytes(of: .notePreferred(false)))
        #expect(world.hub.counters.homeConnections == 1)
        two.channel.close(promise: nil)
        world.loop.run()
        #expect(world.hub.counters.homeConnections == 0)
    }

    @Test(
        "mesh frames and wrong lengths close",
        arguments: [
            [0x10, 0, 0, 0, 0], [0x11, 0, 0, 0, 32] + Array(repeating: 0, count: 32),
            [0x0a, 0, 0, 0, 64] + Array(repeating: 0, count: 64), [0x07, 0, 0, 0, 2], [0x12, 0, 0, 0, 7],
            [0x12, 0, 0, 3, 0xe9], [0x04, 0, 1, 0, 0x21], [0x04, 0, 0, 0, 31], [0x77, 0xff, 0xff, 0xff, 0xff],
        ] as [[UInt8]]
    )
    func peerFaults(_ bytes: [UInt8]) throws {
        let world = try RelayTestWorld()
        let one = try world.connect(1)
        try one.send(ByteBuffer(bytes: bytes))
        #expect(!one.channel.isActive)
        #expect(!world.hub.isConnected(one.client.key))
        #expect(world.hub.counters.closes.keys.allSatisfy { ["bad_frame", "privileged_frame"].contains($0) })
        #expect(try one.received() == [])
    }

    @Test("a removed node loses all its connections, others stay")
    func disconnect() throws {
        let world = try RelayTestWorld()
        let (one, again, two) = (try world.connect(1), try world.connect(1), try world.connect(2))
        world.admission.refuse(one.client.key)
        world.hub.disconnect(one.client.key)
        world.loop.run()
        #expect([one, again, two].map(\.channel.isActive) == [false, false, true])
        #expect(world.hub.counters.closes == ["removed": 2])
        let back = try world.connect(1)
        #expect(!back.channel.isActive)
    }

    @Test("a stopping server ends everybody and lets nobody in")
    func closeAll() throws {
        let world = try RelayTestWorld()
        let connections = [try world.connect(1), try world.connect(2), try world.open(3)]
        world.hub.closeAll()
        world.loop.run()
        let late = try world.open(4)
        #expect((connections + [late]).allSatisfy { !$0.channel.isActive })
        #expect(world.hub.counters.closes == ["shutdown": 4])
        let counters = world.hub.counters
        #expect((counters.clients, counters.connections, counters.pendingLogins) == (0, 0, 0))
    }

    @Test("half-closed, broken and quiescing connections end")
    func ends() throws {
        let world = try RelayTestWorld()
        let connections = try (1...4).map { try world.connect($0) }
        connections[0].channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        connections[1].channel.pipeline.fireErrorCaught(ChannelError.ioOnClosedChannel)
        connections[2].channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        connections[3].channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.outputClosed)
        world.loop.run()
        #expect(connections.map(\.channel.isActive) == [false, false, false, true])
        #expect(world.hub.counters.closes == ["peer_closed": 2, "shutdown": 1])
    }

    @Test("a handler is let go when its connection ends")
    func noCycle() throws {
        let world = try RelayTestWorld()
        weak var handler: RelayHandler?
        do {
            let one = try world.connect(1)
            handler = try one.channel.pipeline.syncOperations.handler(type: RelayHandler.self)
            #expect(handler != nil)
            one.channel.close(promise: nil)
            world.loop.run()
        }
        world.loop.advanceTime(by: .seconds(100))
        #expect(handler == nil)
    }

    @Test("mutated conversations never trap", arguments: UInt64(0)..<40)
    func mutations(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let world = try RelayTestWorld()
        let two = try world.connect(2)
        for _ in 0..<10 {
            let connection = try world.open(1)
            var bytes: [UInt8] = []
            for message in [
                .ping(1), .notePreferred(true), .sendPacket(to: two.client.key, packet: ByteBuffer(bytes: [1, 2])),
                .pong(2), .other(.health),
            ] as [RelayTestClient.Sent] {
                bytes += Array(RelayTestClient.bytes(of: message).readableBytesView)
            }
            let login = try connection.client.login(sealedFor: world.hub.publicKey)
            if Bool.random(using: &random) {
                try connection.send(login)
            } else {
                bytes = Array(login.readableBytesView) + bytes
            }
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            try connection.send(ByteBuffer(bytes: bytes))
            world.loop.run()
            _ = try connection.received()
            connection.channel.close(promise: nil)
            world.loop.run()
        }
        #expect(two.channel.isActive)
        #expect(world.hub.counters.connections == 1)
        #expect(world.hub.counters.pendingLogins == 0)
    }
}
