// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Benchmark
import NIOCore
import NeedleModel
import NeedleTypes

extension BenchmarkSuite {
    /// The first message of a stream: everything.
    static let fullMaps = BenchmarkSuite(name: "full map") { suite in
        for peers in [1_000, 10_000] {
            suite.register(
                benchmark: Subject(
                    "\(peers) peers, JSON only",
                    make: { try FullMapFixture(peers: peers) },
                    bytes: \.bytes,
                    body: { try $0.renderPieces() }
                )
            )
            suite.register(
                benchmark: Subject(
                    "\(peers) peers, zstd, nothing cached",
                    make: { try FullMapFixture(peers: peers) },
                    before: { try $0.forgetMessages() },
                    bytes: \.bytes,
                    body: { try $0.encode(isCompressed: true) }
                )
            )
            suite.register(
                benchmark: Subject(
                    "\(peers) peers, zstd, all cached",
                    make: { try FullMapFixture(peers: peers) },
                    bytes: \.bytes,
                    body: { try $0.encode(isCompressed: true) }
                )
            )
        }
    }
}

/// One viewer among many.
final class FullMapFixture {
    private let population: Population
    private let viewer = NodeID(1)
    private var encoder: MapMessageEncoder
    /// How large the last message was.
    private(set) var bytes = 0

    init(peers: Int) throws {
        population = Population(nodes: peers + 1)
        encoder = try .withEmptyCache()
    }

    func forgetMessages() throws {
        encoder = try .withEmptyCache()
    }

    func renderPieces() throws {
        bytes = 0
        for piece in try difference().pieces {
            switch piece {
            case .own(let json): bytes += json.count
            case .shared(_, let json): bytes += json().count
            }
        }
        keep(bytes)
    }

    func encode(isCompressed: Bool) throws {
        bytes = encoder.message(of: try difference().pieces, isCompressed: isCompressed).byteCount
        keep(bytes)
    }

    private func difference() throws -> MapDifference {
        guard let difference = MapDifference(everythingFor: viewer, in: TailnetSnapshot(population.snapshot)) else {
            throw MissingNode()
        }
        return difference
    }
}

extension MapMessageEncoder {
    /// An encoder as an event loop has it when the server has just started.
    static func withEmptyCache() throws -> MapMessageEncoder {
        guard let compressor = ZstdCompressor() else { throw MissingCompressor() }
        return MapMessageEncoder(
            cache: PieceCache(bytesMax: 64 << 20),
            compressor: compressor,
            allocator: ByteBufferAllocator()
        )
    }
}

/// There was no memory for a compressor.
struct MissingCompressor: Error {}
