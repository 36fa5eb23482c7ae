// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NIOCore
import NIOEmbedded
import NeedleModel
import NeedleTransport
import NeedleTypes
import NeedleWire
import Testing

@Suite struct RelayLoginTests {
    @Test("the greeting comes first, the sealed answer after the log-in")
    func login() throws {
        let world = try RelayTestWorld()
        let connection = try world.open(1)
        #expect(try connection.received() == [.serverKey(world.hub.publicKey)])
        #expect(world.hub.counters.pendingLogins == 1)
        try connection.send(connection.client.login(sealedFor: world.hub.publicKey))
        let answer = try connection.received()
        #expect(answer.count == 1)
        #expect(try connection.client.version(in: try #require(answer.first), from: world.hub.publicKey) == 2)
        #expect(world.hub.isConnected(connection.client.key))
        let counters = world.hub.counters
        #expect((counters.pendingLogins, counters.clients, counters.connections, counters.logins) == (0, 1, 1, 1))
    }

    @Test("a log-in may come byte by byte, with frames right behind it")
    func chunks() throws {
        let world = try RelayTestWorld()
        let connection = try world.open(1)
        var bytes = try connection.client.login(sealedFor: world.hub.publicKey)
        bytes.writeImmutableBuffer(RelayTestClient.bytes(of: .ping(5)))
        while let byte = bytes.readSlice(length: 1) { try connection.send(byte) }
        #expect(try connection.received().last == .pong(5))
    }

    @Test("snake case and unknown keys do not matter")
    func rustClient() throws {
        let world = try RelayTestWorld()
        let connection = try world.open(1)
        let json = #"{"can_ack_pings":false,"is_prober":false,"mesh_key":"none","version":2}"#
        try connection.send(connection.client.login(sealedFor: world.hub.publicKey, json: Array(json.utf8)))
        #expect(world.hub.isConnected(connection.client.key))
    }

    @Test("a log-in for another server, forged, or without an object closes")
    func unreadable() throws {
        let world = try RelayTestWorld()
        let other = try RelayTestClient(number: 99)
        let client = try RelayTestClient(number: 1)
        var forged = try client.login(sealedFor: world.hub.publicKey)
        forged.setInteger(UInt8(0), at: forged.writerIndex - 1)
        forged.setInteger(UInt8(1), at: forged.writerIndex - 2)
        let logins = [
            try client.login(sealedFor: other.key), forged,
            try client.login(sealedFor: world.hub.publicKey, json: Array("[]".utf8)),
            try client.login(sealedFor: world.hub.publicKey, json: []),
            RelayTestClient.bytes(
                of: .clientInfo(client.key, nonce: Array(repeating: 0, count: 24), sealed: ByteBuffer())
            ),
            RelayTestClient.bytes(of: .clientInfo(.zero, nonce: Array(repeating: 0, count: 24), sealed: ByteBuffer())),
        ]
        for login in logins {
            let connection = try world.open(1)
            try connection.send(login)
            #expect(!connection.channel.isActive)
        }
        #expect(world.hub.counters.closes == ["unreadable_login": UInt64(logins.count)])
        #expect(world.hub.counters.pendingLogins == 0)
        #expect(world.hub.counters.clients == 0)
    }

    @Test("who is not admitted is closed")
    func notAdmitted() throws {
        let world = try RelayTestWorld()
        world.admission.refuse(try RelayTestClient(number: 1).key)
        let connection = try world.connect(1)
        #expect(!connection.channel.isActive)
        #expect(world.hub.counters.closes == ["not_admitted": 1])
        #expect(world.hub.counters.logins == 0)
    }

    @Test("who is removed between question and entry is closed")
    func removedMeanwhile() throws {
        let world = try RelayTestWorld()
        world.admission.refuseAll(afterQuestions: 1)
        let connection = try world.connect(1)
        #expect(!connection.channel.isActive)
        #expect(!world.hub.isConnected(connection.client.key))
        #expect(world.hub.counters.closes == ["not_admitted": 1])
    }

    @Test("what may not come before the log-in closes at its head")
    func tooEarly() throws {
        let world = try RelayTestWorld()
        for head in [[0x04, 0, 0, 0, 40], [0x02, 0, 4, 0, 1], [0x02, 0, 0, 0, 55], [0xff, 0, 0, 0, 0]] as [[UInt8]] {
            let connection = try world.open(1)
            try connection.send(ByteBuffer(bytes: head))
            #expect(!connection.channel.isActive)
        }
        #expect(world.hub.counters.closes == ["bad_frame": 4])
    }

    @Test("ten seconds without a log-in close")
    func timeout() throws {
        let world = try RelayTestWorld()
        let connection = try world.open(1)
        world.loop.advanceTime(by: .milliseconds(9_999))
        #expect(connection.channel.isActive)
        world.loop.advanceTime(by: .milliseconds(1))
        #expect(!connection.channel.isActive)
        #expect(world.hub.counters.closes == ["login_timeout": 1])
    }

    @Test("only so many connections may be without a log-in, and only so many clients in")
    func limits() throws {
        var limits = RelayLimits()
        limits.pendingLoginsMax = 2
        limits.clientsMax = 1
        let world = try RelayTestWorld(limits: limits)
        let first = try world.open(1)
        let second = try world.open(2)
        let third = try world.open(3)
        #expect(!third.channel.isActive)
        #expect(try third.received() == [])
        try first.send(first.client.login(sealedFor: world.hub.publicKey))
        try second.send(second.client.login(sealedFor: world.hub.publicKey))
        #expect(first.channel.isActive)
        #expect(!second.channel.isActive)
        #expect(world.hub.counters.closes == ["full": 2])
    }

    @Test("a handler that is added to an open channel greets at once")
    func addedLate() throws {
        let world = try RelayTestWorld()
        let channel = EmbeddedChannel(loop: world.loop)
        channel.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        try channel.pipeline.syncOperations.addHandler(RelayHandler(hub: world.hub, source: nil))
        #expect(try channel.readOutbound(as: ByteBuffer.self)?.readableBytes == 45)
        _ = try channel.finish()
    }
}
