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

/// Random clients against a direct model of what each is to receive.
@Suite struct RelaySimulationTests {
    private typealias Received = RelayTestClient.Received

    @Test("everybody receives what a direct model says", arguments: UInt64(0)..<25)
    func agrees(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let world = try RelayTestWorld()
        let keys = try (0..<6).map { try RelayTestClient(number: $0).key }
        var connections: [Int: RelayTestWorld.Connection] = [:]
        var sentTo: [Int: Set<Int>] = [:]
        var answersLeft: [Int: Int] = [:]
        for _ in 0..<150 {
            var expected: [Int: [Received]] = [:]
            let number = keys.indices.randomElement(using: &random) ?? 0
            if let connection = connections[number] {
                if Int.random(in: 0..<10, using: &random) == 0 {
                    connections[number] = nil
                    for other in sentTo.removeValue(forKey: number) ?? [] where connections[other] != nil {
                        expected[other, default: []].append(.peerGone(keys[number], .disconnected))
                    }
                    for other in sentTo.keys { sentTo[other]?.remove(number) }
                    connection.channel.close(promise: nil)
                } else {
                    var bytes = ByteBuffer()
                    for _ in 0..<Int.random(in: 1...8, using: &random) {
                        let target = keys.indices.randomElement(using: &random) ?? 0
                        let packet = Self.packet(using: &random)
                        bytes.writeImmutableBuffer(RelayTestClient.packet(packet, to: keys[target]))
                        if connections[target] != nil {
                            let received = Received.recvPacket(from: keys[number], packet: ByteBuffer(bytes: packet))
                            expected[target, default: []].append(received)
                            if target != number { sentTo[number, default: []].insert(target) }
                        } else if DERPProtocol.looksLikeDisco(packet), let left = answersLeft[number], left > 0 {
                            answersLeft[number] = left - 1
                            expected[number, default: []].append(.peerGone(keys[target], .notHere))
                        }
                    }
                    while bytes.readableBytes > 0 {
                        let count = Int.random(in: 1...bytes.readableBytes, using: &random)
                        try connection.send(bytes.readSlice(length: count) ?? ByteBuffer())
                    }
                }
            } else {
                connections[number] = try world.connect(number)
                answersLeft[number] = 3
            }
            world.loop.run()
            for (index, connection) in connections {
                let received = try connection.received()
                #expect(Self.parts(received) == Self.parts(expected[index, default: []]), "client \(index)")
            }
        }
        #expect(world.hub.counters.clients == connections.count)
        #expect(world.hub.counters.drops.keys.allSatisfy { $0 == .unknownDestination })
    }

    /// Order counts within each kind of message only, since kinds overtake each other.
    private static func parts(_ messages: [Received]) -> [[Received]] {
        let disco = messages.filter { if case .recvPacket(_, let packet) = $0 { isDisco(packet) } else { false } }
        let data = messages.filter { if case .recvPacket(_, let packet) = $0 { !isDisco(packet) } else { false } }
        let others = messages.filter { if case .recvPacket = $0 { false } else { true } }
        return [disco, data, others]
    }

    private static func isDisco(_ packet: ByteBuffer) -> Bool { DERPProtocol.looksLikeDisco(packet) }

    private static func packet(using random: inout SeededRandom) -> [UInt8] {
        let bytes = (0..<Int.random(in: 0...120, using: &random)).map { _ in
            UInt8.random(in: .min ... .max, using: &random)
        }
        return Bool.random(using: &random) ? DERPProtocol.discoMagic + bytes : bytes
    }
}
