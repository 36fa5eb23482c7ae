// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import GRDB
import NeedleModel
import NeedleStorage
import NeedleStorageSQLite
import NeedleTesting
import NeedleTypes
import Testing

@Suite(.timeLimit(.minutes(1))) struct MigrationTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("brings a database of each version up to date with everything in it", arguments: SchemaFixture.all)
    func migrates(fixture: SchemaFixture) async throws {
        let path = try write(fixture)
        let store = try SQLiteStore(path: path)
        try (try await store.load(TailnetID(1))).check(against: Self.expected(of: fixture))
        var batches = RandomBatches(tailnet: TailnetID(2), seed: 1)
        for _ in 0..<10 { try await store.commit([batches.next()]) }
        try (try await store.load(TailnetID(2))).check(against: batches.expected)
        await store.close()
        try await check(path, isBuiltLike: try await freshDatabase())
    }

    @Test("still makes the tables of the newest released version as they were released")
    func newestFixtureIsCurrent() async throws {
        let newest = try #require(SchemaFixture.all.last)
        try await check(try write(newest), isBuiltLike: try await freshDatabase())
    }

    @Test("has a fixture for each version")
    func fixtureForEachVersion() async throws {
        let applied = try await DatabaseQueue(path: try await freshDatabase()).read { database in
            try Int.fetchOne(database, sql: "SELECT count(*) FROM grdb_migrations")
        }
        #expect(applied == SchemaFixture.all.count)
        #expect(SchemaFixture.all.map(\.version) == Array(1...SchemaFixture.all.count))
    }

    @Test("opening twice migrates once")
    func idempotent() async throws {
        let path = try await freshDatabase()
        await (try SQLiteStore(path: path)).close()
        try await check(path, isBuiltLike: path)
    }

    @Test("makes the first user of each tailnet its owner, and all others members")
    func roles() async throws {
        let path = try write(SchemaFixture.all[0])
        let queue = try DatabaseQueue(path: path)
        try await queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO tailnets VALUES (2, 9, 0, 0);
                    INSERT INTO users VALUES (1, 3, 'late', '', '', '', '2023-11-14T22:13:21Z');
                    INSERT INTO users VALUES (2, 9, 'other', '', '', '', '2023-11-14T22:13:21Z');
                    INSERT INTO users VALUES (2, 4, 'first', '', '', '', '2023-11-14T22:13:21Z');
                    """
            )
        }
        try queue.close()
        let store = try SQLiteStore(path: path)
        #expect(try await store.load(TailnetID(1)).users.map(\.role) == [.owner, .member])
        #expect(try await store.load(TailnetID(2)).users.map(\.role) == [.owner, .member])
        #expect(try await store.load(TailnetID(2)).users.map(\.id.value) == [4, 9])
        await store.close()
    }

    /// What a fixture holds.
    private static func expected(of fixture: SchemaFixture) -> StoredTailnet {
        var deletion = StoreBatch(tailnet: TailnetID(1))
        deletion.deletedUsers = [UserID(8)]
        deletion.deletedPreAuthKeys = [PreAuthKeyID(7)]
        deletion.deletedNodes = [NodeID(9)]
        let batch = StoreConformance.batch(
            users: [StoreSamples.user(1)],
            keys: [StoreSamples.preAuthKey(1, user: 1), StoreSamples.preAuthKey(2)],
            nodes: [StoreSamples.node(1, user: 1), StoreSamples.node(2)]
        )
        if fixture.version == 1 { return StoreConformance.fold([batch, deletion]) }
        var user = StoreSamples.user(2)
        user.role = .networkAdmin
        var router = StoreSamples.node(2)
        router.approvedRoutes = ["0.0.0.0/0", "10.0.0.0/8"].compactMap { IPPrefix(text: $0) }
        let second = StoreConformance.batch(
            users: [user],
            nodes: [router],
            policies: [StoreSamples.policy(4), StoreSamples.policy(5, text: "{}")]
        )
        deletion.deletedPolicies = [PolicyVersionID(6)]
        return StoreConformance.fold([batch, second, deletion])
    }

    private func write(_ fixture: SchemaFixture) throws -> String {
        let path = directory.path("version-\(fixture.version)")
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: fixture.sql) }
        try queue.close()
        return path
    }

    private func freshDatabase() async throws -> String {
        let path = directory.path("fresh")
        await (try SQLiteStore(path: path)).close()
        return path
    }

    private func check(_ path: String, isBuiltLike other: String) async throws {
        #expect(try await schema(path) == schema(other))
    }

    private func schema(_ path: String) async throws -> [String] {
        try await DatabaseQueue(path: path).read { database in
            let id = try String.fetchAll(database, sql: "PRAGMA application_id")
            let applied = try String.fetchAll(database, sql: "SELECT identifier FROM grdb_migrations ORDER BY 1")
            let tables = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name"
            return id + applied + (try String.fetchAll(database, sql: tables))
        }
    }
}
