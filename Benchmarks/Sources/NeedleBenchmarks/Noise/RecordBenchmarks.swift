// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Benchmark
import NeedleNoise

extension BenchmarkSuite {
    /// What every byte costs that goes over a connection.
    static let records = BenchmarkSuite(name: "records") { suite in
        for size in [256, 4077] {
            suite.register(
                benchmark: Subject(
                    "seal \(size) bytes in place",
                    operations: RecordFixture.count,
                    make: { try RecordFixture(size: size) },
                    body: { try $0.sealAll() }
                )
            )
            suite.register(
                benchmark: Subject(
                    "open \(size) bytes in place",
                    operations: RecordFixture.count,
                    make: { try RecordFixture(size: size) },
                    before: { try $0.sealAll() },
                    body: { try $0.openAll() }
                )
            )
        }
    }
}

/// Records one after the other in one piece of memory.
final class RecordFixture {
    static let count = 500
    private static let headerBytes = 3
    private static let tagBytes = 16

    private let size: Int
    private var sealer: RecordSealer
    private var opener: RecordOpener
    private var memory: [UInt8]

    init(size: Int) throws {
        self.size = size
        let (server, client) = try HandshakeFixture().pair()
        sealer = server.sealer
        opener = client.opener
        memory = [UInt8](repeating: 7, count: Self.count * (size + Self.headerBytes + Self.tagBytes))
    }

    private var recordBytes: Int { size + Self.headerBytes + Self.tagBytes }

    func sealAll() throws {
        try memory.withUnsafeMutableBytes { memory in
            for index in 0..<Self.count {
                let record = memory[index * recordBytes..<(index + 1) * recordBytes]
                try sealer.seal(inPlace: UnsafeMutableRawBufferPointer(rebasing: record), plaintextCount: size)
            }
        }
    }

    func openAll() throws {
        try memory.withUnsafeMutableBytes { memory in
            for index in 0..<Self.count {
                let record = memory[index * recordBytes + Self.headerBytes..<(index + 1) * recordBytes]
                _ = try opener.open(inPlace: UnsafeMutableRawBufferPointer(rebasing: record))
            }
        }
    }
}
