// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedlePolicy
import NeedleTypes
import NeedleWire
import Testing

/// How much has to be encoded so that every client gets a full map.
@Suite struct SharedRunTests {
    /// Whole tailnets in which every node sees every other: each client lacks itself.
    private struct Everybody {
        var tailnet = TestTailnet()
        private(set) var nodes: [NodeVersion] = []

        init(_ count: Int) throws {
            let user = try tailnet.user("alice")
            for index in 0..<count {
                nodes.append(try tailnet.joined(hostname: "host\(index)", authKey: try tailnet.key(user)))
            }
        }

        /// The bytes of peers that are made when all get full maps, and those that all receive.
        func fullMaps() throws -> (made: Int, received: Int) {
            var made: [MapPiece.Key: Int] = [:]
            var received = 0
            let snapshot = TailnetSnapshot(tailnet.tailnet)
            for node in nodes {
                let difference = try #require(MapDifference(everythingFor: node.record.id, in: snapshot))
                for case .shared(let key, let json) in difference.pieces {
                    guard case .peers = key else { continue }
                    let bytes = made[key] ?? json().count
                    made[key] = bytes
                    received += bytes
                }
            }
            return (made.values.reduce(0, +), received)
        }
    }

    @Test("a peer is encoded eight times at most, however many are told of it", arguments: [128, 512])
    func eightTimes(count: Int) throws {
        let world = try Everybody(count)
        let peer = try #require(world.nodes.last?.peerJSON.count)
        let (made, received) = try world.fullMaps()
        // Seven sizes of runs hold each node, and the first of a message is written without a comma.
        #expect(made < 8 * (peer + 1) * count)
        #expect(received > (peer - 10) * count * (count - 1))
    }

    @Test("when one node changes, only the runs that hold it are encoded anew")
    func changedRuns() throws {
        var world = try Everybody(256)
        let node = world.nodes[100]
        var before: Set<MapPiece.Key> = []
        var after: Set<MapPiece.Key> = []
        func collect(_ world: Everybody, _ keys: inout Set<MapPiece.Key>) throws {
            let snapshot = TailnetSnapshot(world.tailnet.tailnet)
            for node in world.nodes {
                let difference = try #require(MapDifference(everythingFor: node.record.id, in: snapshot))
                for case .shared(let key, _) in difference.pieces {
                    if case .peers = key { keys.insert(key) }
                }
            }
        }
        try collect(world, &before)
        let endpoints = [try #require(Endpoint(text: "192.0.2.1:41641"))]
        try world.tailnet.run(UpdateNode(node: node.record.id, update: NodeUpdate(endpoints: endpoints)))
        try collect(world, &after)
        // A run of each size from 1 to 64 holds the node; here none of them is the first of a message.
        #expect(after.subtracting(before).count == 7)
        // A stream that opens again changes nothing that peers are told of.
        try world.tailnet.run(OpenMapStream(node: world.nodes[7].record.id, update: NodeUpdate()))
        var opened: Set<MapPiece.Key> = []
        try collect(world, &opened)
        let again = opened.subtracting(after).count
        try world.tailnet.run(OpenMapStream(node: world.nodes[7].record.id, update: NodeUpdate()))
        var reopened: Set<MapPiece.Key> = []
        try collect(world, &reopened)
        #expect(again > 0)
        #expect(reopened == opened)
    }
}
