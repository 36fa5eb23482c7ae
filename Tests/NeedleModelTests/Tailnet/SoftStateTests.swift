// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTypes
import Testing

/// What is written lazily, and with what.
@Suite struct SoftStateTests {
    private var world = TestTailnet()
    private let key: String

    init() throws {
        let user = try world.user("alice")
        key = try world.key(user)
    }

    /// Runs `command` and gives what would be written for it, soft state included.
    private mutating func written<C: Command>(_ command: C, isStored: Bool = true) -> StoreBatch {
        var transaction = world.engine.begin(now: world.now, random: SystemRandomNumberGenerator())
        _ = transaction.run(command)
        var batch = transaction.seal()
        world.engine.addSoftChanges(to: &batch, of: transaction)
        if isStored {
            world.engine.accept(transaction, writtenAs: batch)
        } else {
            world.engine.reject(transaction)
        }
        return batch
    }

    private mutating func streaming(_ count: Int) throws -> [NodeID] {
        try (0..<count).map { _ in
            let node = try world.joined(authKey: key).record.id
            try world.run(OpenMapStream(node: node, update: NodeUpdate()))
            return node
        }
    }

    @Test("goes with what has to be written anyway, as many nodes as that writes")
    mutating func ridesAlong() throws {
        let nodes = try streaming(3)
        let batch = written(RenameNode(node: nodes[0], newName: "first"))
        #expect(batch.nodes.map(\.id) == [nodes[0]])
        #expect(batch.softNodes.count == 1)
        let other = try #require(batch.softNodes.first?.id)
        #expect(nodes.dropFirst().contains(other))
        // What is left is the one that has gone with neither.
        let rest = world.engine.takeSoftChanges()
        #expect(rest.nodes.isEmpty)
        #expect(rest.softNodes.map(\.id) == nodes.filter { $0 != nodes[0] && $0 != other })
        #expect(!world.engine.hasSoftChanges)
    }

    @Test("does not make a batch out of none")
    mutating func noBatchOfItsOwn() throws {
        _ = try streaming(2)
        #expect(written(CreateUser(name: "bob")).softNodes.isEmpty)
        #expect(world.engine.hasSoftChanges)
    }

    @Test("waits on when its batch could not be written")
    mutating func failure() throws {
        let nodes = try streaming(2)
        let batch = written(RenameNode(node: nodes[0], newName: "first"), isStored: false)
        #expect(batch.softNodes.map(\.id) == [nodes[1]])
        #expect(world.engine.takeSoftChanges().softNodes.map(\.id) == nodes)
    }

    @Test("waits again when it was taken and could not be written")
    mutating func putBack() throws {
        let nodes = try streaming(2)
        world.engine.putBack(world.engine.takeSoftChanges())
        try world.run(DeleteNode(node: nodes[1]))
        #expect(world.engine.takeSoftChanges().softNodes.map(\.id) == [nodes[0]])
    }
}
