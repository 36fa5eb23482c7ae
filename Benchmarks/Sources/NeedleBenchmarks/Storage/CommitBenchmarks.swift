// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Benchmark
import Dispatch
import Foundation
import NeedleModel
import NeedleStorage
import NeedleStorageSQLite
import NeedleTesting
import NeedleTypes

extension BenchmarkSuite {
    /// Commits of nodes that are there already, each synced to the disk below the temporary folder (`TMPDIR`).
    static let storage = BenchmarkSuite(name: "SQLite commit") { suite in
        for rows in [1, 64, 512] {
            suite.register(
                benchmark: Subject("of \(rows) rows, a row", operations: rows, make: { try CommitFixture(rows: rows) })
                {
                    try $0.commit()
                }
            )
        }
    }
}

/// A database of 2,048 nodes, which stays in the temporary folder; Scripts/bench.sh makes one for the run.
final class CommitFixture {
    private static let nodes = 2_048
    private let store: SQLiteStore
    private var batches: [StoreBatch] = []
    private var next = 0

    init(rows: Int) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "needletail-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try SQLiteStore(path: folder.appending(path: "bench.sqlite").path(percentEncoded: false))
        let stored = Population.stored(nodes: Self.nodes)
        var first = StoreBatch(tailnet: TailnetID(1))
        first.users = stored.users
        first.nodes = stored.nodes
        try wait(for: [first])
        for start in stride(from: 0, to: Self.nodes, by: rows) {
            var batch = StoreBatch(tailnet: TailnetID(1))
            batch.nodes = Array(stored.nodes[start..<start + rows])
            batches.append(batch)
        }
    }

    func commit() throws {
        next = (next + 1) % batches.count
        try wait(for: [batches[next]])
    }

    private func wait(for batches: [StoreBatch]) throws {
        let done = DispatchSemaphore(value: 0)
        let outcome = Outcome()
        Task { [store] in
            do { try await store.commit(batches) } catch { outcome.error = error }
            done.signal()
        }
        done.wait()
        if let error = outcome.error { throw error }
    }

    /// Written before the semaphore is signalled and read after it.
    private final class Outcome: @unchecked Sendable {
        var error: (any Error)?
    }
}
