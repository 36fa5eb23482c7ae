// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleModel
import NeedleStorage
import NeedleStorageSQLite
import NeedleTesting
import NeedleTypes
import Testing

@Suite(.timeLimit(.minutes(1))) struct SQLiteStoreTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("does what every store must do", arguments: StoreConformance.checks)
    func conforms(check: StoreCheck) async throws {
        let store = try SQLiteStore(path: directory.path("db"))
        try await check.run(on: store)
        await store.close()
    }

    @Test("does the same when it is opened anew for each call", arguments: StoreConformance.checks)
    func conformsWhenReopened(check: StoreCheck) async throws {
        try await check.run(on: ReopeningStore(path: directory.path("db")))
    }

    @Test("keeps what memory keeps, whatever the batches", arguments: 1...8 as ClosedRange<UInt64>)
    func agreesWithMemory(seed: UInt64) async throws {
        let store = try SQLiteStore(path: directory.path("db"))
        let memory = MemoryStore()
        var first = RandomBatches(tailnet: TailnetID(1), seed: seed)
        var second = RandomBatches(tailnet: TailnetID(2), seed: seed &+ 1000)
        for _ in 0..<40 {
            let batches = [first.next(), second.next(), first.next()]
            try await store.commit(batches)
            try await memory.commit(batches)
        }
        for tailnet in [TailnetID(1), TailnetID(2)] {
            let stored = try await store.load(tailnet)
            try stored.check(against: try await memory.load(tailnet))
        }
        try (try await store.load(TailnetID(1))).check(against: first.expected)
        await store.close()
    }

    @Test("syncs the log at every commit, and checks owners")
    func pragmas() async throws {
        let store = try SQLiteStore(path: directory.path("db"))
        #expect(try store.pragma("journal_mode") == "wal")
        #expect(try store.pragma("synchronous") == "2")
        #expect(try store.pragma("foreign_keys") == "1")
        #expect(try store.pragma("busy_timeout") == "10000")
        try await store.commit([StoreConformance.batch(users: [StoreSamples.user(1)])])
        #expect(try store.pragma("synchronous") == "2", "still so after a commit")
        await store.close()
    }

    @Test("makes files that only this user may read")
    func modes() async throws {
        let store = try SQLiteStore(path: directory.path("db"))
        try await store.commit([StoreConformance.batch(users: [StoreSamples.user(1)])])
        for name in ["db", "db-wal", "db-shm"] { #expect(try directory.mode(name) == 0o600, "\(name)") }
        await store.close()
    }

    @Test("leaves one file when it is closed")
    func closing() async throws {
        let store = try SQLiteStore(path: directory.path("db"))
        try await store.commit([StoreConformance.batch(users: [StoreSamples.user(1)])])
        await store.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["db"])
    }

    @Test("keeps an existing file's permissions")
    func existingModes() async throws {
        await (try SQLiteStore(path: directory.path("db"))).close()
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: directory.path("db"))
        await (try SQLiteStore(path: directory.path("db"))).close()
        #expect(try directory.mode("db") == 0o640)
    }

    @Test("finishes a commit whose task was cancelled")
    func cancelledCommit() async throws {
        let store = try SQLiteStore(path: directory.path("db"))
        let commit = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await store.commit([StoreConformance.batch(users: [StoreSamples.user(1)])])
        }
        try await commit.value
        #expect(try await store.load(TailnetID(1)).users.count == 1)
        await store.close()
    }

    @Test("takes commits of many tasks at once, each whole")
    func concurrentCommits() async throws {
        let store = try SQLiteStore(path: directory.path("db"))
        try await withThrowingTaskGroup { group in
            for id in Int64(1)...50 {
                group.addTask {
                    let user = StoreSamples.user(id)
                    try await store.commit([
                        StoreConformance.batch(users: [user], nodes: [StoreSamples.node(id, user: id)])
                    ])
                }
            }
            try await group.waitForAll()
        }
        let stored = try await store.load(TailnetID(1))
        #expect(stored.users.map(\.id.value) == Array(1...50))
        #expect(stored.nodes.map(\.id.value) == Array(1...50))
        await store.close()
    }

    @Test("refuses a text with a NUL, which SQLite would cut off there, and keeps nothing of the commit")
    func nul() async throws {
        let store = try SQLiteStore(path: directory.path("db"))
        var user = StoreSamples.user(2)
        user.displayName = "before\0after"
        let batch = StoreConformance.batch(users: [StoreSamples.user(1), user])
        let error = await #expect(throws: StoreError.self) { try await store.commit([batch]) }
        #expect(error?.code == .inconsistent)
        #expect(error?.message.contains("id 2 of table users") == true)
        #expect(error?.description.contains("before") == false)
        #expect(try await store.load(TailnetID(1)).users.isEmpty)
        await store.close()
    }

    @Test("says no values in the error of a refused commit")
    func redaction() async throws {
        let store = try SQLiteStore(path: directory.path("db"))
        let batch = StoreConformance.batch(nodes: [StoreSamples.node(4711, user: 8_150_815)])
        let error = try #require(await #expect(throws: StoreError.self) { try await store.commit([batch]) })
        var dumped = ""
        dump(error, to: &dumped)
        for text in ["\(error)", String(reflecting: error), dumped] {
            #expect(!text.contains("4711"))
            #expect(!text.contains("8150815"))
            #expect(!text.contains("nodekey:"))
        }
        await store.close()
    }
}
