// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import GRDB
import NeedleModel
import NeedleStorage
import NeedleStorageSQLite
import NeedleTesting
import NeedleTypes
import Testing

@Suite(.timeLimit(.minutes(1))) struct SQLiteOpeningTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path("db") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("refuses a file that is no database, and leaves it as it was")
    func noDatabase() throws {
        let bytes = Data(repeating: UInt8(ascii: "x"), count: 8192)
        try bytes.write(to: URL(filePath: path))
        expectRefusal(.notOurs, saying: "is no SQLite database")
        #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    }

    @Test("refuses the database of another program, and leaves it as it was")
    func otherProgram() throws {
        let other = try DatabaseQueue(path: path)
        try other.write { try $0.execute(sql: "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)") }
        try other.close()
        let bytes = try Data(contentsOf: URL(filePath: path))
        expectRefusal(.notOurs, saying: "another program")
        #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    }

    @Test("refuses a database that a newer version wrote, and leaves it as it was")
    func newerSchema() async throws {
        await (try SQLiteStore(path: path)).close()
        try edit("INSERT INTO grdb_migrations (identifier) VALUES ('999 something new')")
        let bytes = try Data(contentsOf: URL(filePath: path))
        expectRefusal(.newer, saying: "newer version")
        #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    }

    @Test("takes an empty file as a new database")
    func emptyFile() async throws {
        try Data().write(to: URL(filePath: path))
        let store = try SQLiteStore(path: path)
        try await store.commit([StoreConformance.batch(users: [StoreSamples.user(1)])])
        #expect(try await store.load(TailnetID(1)).users.count == 1)
        await store.close()
    }

    @Test("takes what a crash before the first migration leaves as a new database")
    func crashBeforeFirstMigration() async throws {
        let queue = try DatabaseQueue(path: path)
        try await queue.write { database in
            try database.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
        }
        try queue.close()
        let store = try SQLiteStore(path: path)
        #expect(try await store.load(TailnetID(1)).users.isEmpty)
        await store.close()
    }

    @Test("refuses a directory, a path without a directory, and no path", arguments: ["", "/", "/missing/db", "/a\0b"])
    func badPaths(suffix: String) {
        let path = suffix.isEmpty ? "" : directory.path + suffix
        #expect(throws: StoreError.self) { try SQLiteStore(path: path) }
    }

    @Test(
        "takes a relative path that looks like a URI for a file's name",
        arguments: ["file:x?mode=memory", ":memory:"]
    )
    func literalPaths(name: String) async throws {
        let path = directory.path(name)
        await (try SQLiteStore(path: path)).close()
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test("reports a damaged file as damaged instead of reading what is left of it")
    func damagedPages() async throws {
        let store = try SQLiteStore(path: path)
        try await store.commit([StoreConformance.batch(nodes: (1...400).map { StoreSamples.node($0) })])
        await store.close()
        var bytes = try Data(contentsOf: URL(filePath: path))
        for index in 65536..<(bytes.count - 4096) { bytes[index] = 0x5a }
        try bytes.write(to: URL(filePath: path))
        let damaged = try SQLiteStore(path: path)
        let error = await #expect(throws: StoreError.self) { try await damaged.load(TailnetID(1)) }
        #expect(error?.code == .corrupt)
        await damaged.close()
    }

    @Test("names table, id and column of a row that makes no sense", arguments: CorruptRow.all)
    func corruptRow(row: CorruptRow) async throws {
        let store = try SQLiteStore(path: path)
        let node = StoreSamples.node(7, user: 3)
        let batch = StoreConformance.batch(
            users: [StoreSamples.user(3)],
            keys: [StoreSamples.preAuthKey(5)],
            nodes: [node, StoreSamples.node(8)],
            policies: [StoreSamples.policy(2)]
        )
        try await store.commit([batch])
        await store.close()
        try edit("UPDATE \(row.table) SET \(row.column) = \(row.value) WHERE id = \(row.id)")
        let corrupt = try SQLiteStore(path: path)
        let error = await #expect(throws: StoreError.self) { try await corrupt.load(TailnetID(1)) }
        #expect(error?.code == .corrupt)
        let place = "the row with id \(row.id) of table \(row.table) cannot be read: \(row.column) is not"
        #expect(error?.message.hasPrefix(place) == true, "\(error?.message ?? "")")
        #expect(error?.description.contains("secret") == false)
        await corrupt.close()
    }

    @Test("waits its turn, then says that another process holds the database")
    func busy() async throws {
        let store = try SQLiteStore(path: path)
        try store.setBusyTimeout(milliseconds: 1)
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try await other.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN IMMEDIATE")
        }
        let batch = StoreConformance.batch(users: [StoreSamples.user(1)])
        let error = await #expect(throws: StoreError.self) { try await store.commit([batch]) }
        #expect(error?.code == .inUse)
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        try await store.commit([batch])
        try other.close()
        await store.close()
    }

    private func edit(_ sql: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        #expect(try queue.read { try Int.fetchOne($0, sql: "SELECT changes()") } == 1)
        try queue.close()
    }

    private func expectRefusal(
        _ code: StoreError.Code,
        saying text: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: StoreError.self, sourceLocation: sourceLocation) { try SQLiteStore(path: path) }
        #expect(error?.code == code, sourceLocation: sourceLocation)
        #expect(error?.message.contains(text) == true, sourceLocation: sourceLocation)
        #expect(error?.message.contains(path) == true, sourceLocation: sourceLocation)
    }
}
