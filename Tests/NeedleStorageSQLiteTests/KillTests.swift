// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleModel
import NeedleStorage
import NeedleStorageSQLite
import NeedleTesting
import NeedleTypes
import Testing

/// A process that commits is killed at a random moment; whatever it was told was kept must be there.
///
/// This shows that an acknowledged commit survives the process, not that it survives the machine: that rests on
/// `synchronous = FULL`, which ``SQLiteStoreTests`` checks to be in force.
@Suite(.serialized, .timeLimit(.minutes(2))) struct KillTests {
    @Test("what was acknowledged survives kill -9, and nothing is half there", arguments: 1...20 as ClosedRange<UInt64>)
    func survivesKill(seed: UInt64) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL), "seed \(seed)") { [path = path as String, seed] in
            try await Self.commitUntilKilled(in: path, seed: seed)
        }
        // The first moments are those of opening, when there may be no such file.
        let acknowledged = (try? Data(contentsOf: URL(filePath: directory.path("acknowledged"))).count) ?? 0
        let store = try SQLiteStore(path: directory.path("db"))
        let stored = try await store.load(TailnetID(1))
        await store.close()
        // The last commit may have been kept without the process living to say so.
        let possible = [acknowledged, acknowledged + 1].map { Self.expected(seed: seed, batches: $0) }
        let isOneOfThem = possible.contains { (try? stored.check(against: $0)) != nil }
        #expect(isOneOfThem, "seed \(seed): \(acknowledged) batches were acknowledged, and something else is stored")
    }

    /// Commits batch after batch and adds a byte to a file for each that was kept, until a thread of its own kills it.
    private static func commitUntilKilled(in path: String, seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        let microseconds = UInt32.random(in: 0..<60_000, using: &random)
        Thread.detachNewThread {
            usleep(microseconds)
            kill(getpid(), SIGKILL)
        }
        let store = try SQLiteStore(path: "\(path)/db")
        let file = open("\(path)/acknowledged", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        var batches = RandomBatches(seed: seed)
        while true {
            try await store.commit([batches.next(changesMax: 40)])
            guard write(file, "+", 1) == 1 else { exit(1) }
        }
    }

    private static func expected(seed: UInt64, batches count: Int) -> StoredTailnet {
        var batches = RandomBatches(seed: seed)
        for _ in 0..<count { _ = batches.next(changesMax: 40) }
        return batches.expected
    }
}
