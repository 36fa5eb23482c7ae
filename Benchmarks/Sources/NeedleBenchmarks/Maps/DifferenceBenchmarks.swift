// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Benchmark
import NIOCore
import NeedleModel
import NeedleTypes
import NeedleWire

extension BenchmarkSuite {
    /// One node changes, and everybody is told: the time for all sessions together, on one core.
    static let differences = BenchmarkSuite(name: "difference") { suite in
        for sessions in [1_000, 5_000] {
            suite.register(
                benchmark: Subject(
                    "new endpoints of one node to \(sessions) sessions, zstd",
                    make: { try SessionsFixture(count: sessions) },
                    before: { try $0.moveOneNode() },
                    bytes: \.bytesOfAll,
                    body: { $0.tellAll() }
                )
            )
            suite.register(
                benchmark: Subject(
                    "new name of one node to \(sessions) sessions, zstd",
                    make: { try SessionsFixture(count: sessions) },
                    before: { try $0.renameOneNode() },
                    bytes: \.bytesOfAll,
                    body: { $0.tellAll() }
                )
            )
        }
    }
}

/// A tailnet in which every node has a stream and has been told everything.
final class SessionsFixture {
    private let population: Population
    private let encoder: MapMessageEncoder
    private var sessions: [MapSession]
    private var changes = 0
    /// What the last change made all sessions send.
    private(set) var bytesOfAll = 0

    init(count: Int) throws {
        population = Population(nodes: count)
        encoder = try .withEmptyCache()
        let viewers = (1...Int64(count)).map { NodeID($0) }
        let generations = try population.run(viewers.map { OpenMapStream(node: $0, update: NodeUpdate()) })
        sessions = zip(viewers, generations).map { MapSession(viewer: $0, generation: $1) }
        let snapshot = TailnetSnapshot(population.snapshot)
        for index in sessions.indices { _ = sessions[index].step(to: snapshot) }
    }

    func moveOneNode() throws {
        changes += 1
        let endpoints = [Endpoint(text: "192.0.2.1:\(1024 + changes % 60_000)")].compactMap(\.self)
        try population.run(UpdateNode(node: oneNode, update: NodeUpdate(endpoints: endpoints)))
    }

    func renameOneNode() throws {
        changes += 1
        try population.run(RenameNode(node: oneNode, newName: "renamed-\(changes)"))
    }

    /// A round of an event loop that has all streams.
    func tellAll() {
        var messages = 0
        var bytes = 0
        let snapshot = TailnetSnapshot(population.snapshot)
        for index in sessions.indices {
            guard case .send(let difference) = sessions[index].step(to: snapshot) else { continue }
            messages += 1
            bytes += encoder.message(of: difference.pieces, isCompressed: true).byteCount
        }
        precondition(messages >= sessions.count - 1, "only \(messages) sessions had something to say")
        bytesOfAll = bytes
    }

    private var oneNode: NodeID { NodeID(Int64(1 + changes % sessions.count)) }
}
