// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Logging
import NeedleModel
import NeedlePolicy
import NeedleTesting
import NeedleTypes
import NeedleWire
import Synchronization
import Testing

@testable import NeedleServer

@Suite(.timeLimit(.minutes(1))) struct TailnetWriterTests {
    @Test("answers only when the result is stored and published")
    func durable() async throws {
        try await withWriter { writer, store in
            let user = try await writer.perform(CreateUser(name: "alice"))
            #expect(writer.snapshot.user(named: "alice")?.id == user.id)
            let stored = try await store.load(TailnetID(1))
            #expect(stored.users.map(\.name) == ["alice"])
        }
    }

    @Test("a batch that cannot be stored has not happened, and the next one can")
    func failingStore() async throws {
        try await withWriter { writer, store in
            let before = writer.snapshot.revision
            store.failNextCommits(1)
            let error = await #expect(throws: ModelError.self) { try await writer.perform(CreateUser(name: "alice")) }
            #expect(error?.code == .unavailable)
            #expect(writer.snapshot.revision == before)
            #expect(writer.snapshot.user(named: "alice") == nil)
            let user = try await writer.perform(CreateUser(name: "alice"))
            #expect(user.id == UserID(1))
        }
    }

    @Test("a refused command leaves no trace, and the others of its batch are carried out")
    func refusal() async throws {
        try await withWriter { writer, _ in
            async let first = writer.perform(CreateUser(name: "alice"))
            async let bad = writer.perform(CreateUser(name: "!"))
            async let second = writer.perform(CreateUser(name: "carol"))
            _ = try await (first, second)
            do {
                _ = try await bad
                Issue.record("a user called '!' was made")
            } catch {
                #expect((error as? ModelError)?.code == .invalid)
            }
            #expect(writer.snapshot.allUsers.map(\.name).sorted() == ["alice", "carol"])
        }
    }

    @Test("many commands at once share commits")
    func groupCommit() async throws {
        try await withWriter { writer, store in
            let before = store.commitCount
            try await withThrowingTaskGroup { group in
                for index in 0..<500 {
                    group.addTask { _ = try await writer.perform(CreateUser(name: "user\(index)")) }
                }
                try await group.waitForAll()
            }
            #expect(writer.snapshot.allUsers.count == 500)
            #expect(store.commitCount - before < 250)
        }
    }

    @Test("more commands than may wait are refused at once")
    func fullQueue() async throws {
        var limits = TailnetWriter.Limits()
        limits.queuedCommandsMax = 3
        // Not running, so that nothing leaves the queue.
        let writer = try await makeWriter(MemoryStore(), limits: limits)
        let refusals = Mutex<[ModelError.Code]>([])
        for index in 0..<5 {
            writer.submit(CreateUser(name: "user\(index)")) { result in
                if case .failure(let error) = result { refusals.withLock { $0.append(error.code) } }
            }
        }
        #expect(refusals.withLock { $0 } == [.unavailable, .unavailable])
    }

    @Test("publishes once for each batch that changed something")
    func publication() async throws {
        try await withWriter { writer, _ in
            let count = Mutex(0)
            writer.onPublish { count.withLock { $0 += 1 } }
            _ = try await writer.perform(CreateUser(name: "alice"))
            _ = try? await writer.perform(CreateUser(name: "alice"))
            #expect(count.withLock { $0 } == 1)
        }
    }

    @Test("a new writer on the same store begins where the old one ended")
    func restart() async throws {
        let store = MemoryStore()
        try await withWriter(store) { writer, _ in
            let user = try await writer.perform(CreateUser(name: "alice"))
            _ = try await writer.perform(DestroyUser(user: user.id))
        }
        try await withWriter(store) { writer, _ in
            // Ids of what is gone are not given out again.
            let bob = try await writer.perform(CreateUser(name: "bob"))
            #expect(bob.id == UserID(2))
        }
    }

    @Test("a policy that cannot be stored does not come into force, and versions go on after a restart")
    func policies() async throws {
        let store = MemoryStore()
        let closed = try Policy(text: Array(#"{"acls": []}"#.utf8))
        let command = SetPolicy(closed, origin: .version(author: "alice", comment: "shut"))
        try await withWriter(store) { writer, store in
            store.failNextCommits(1)
            let error = await #expect(throws: ModelError.self) { try await writer.perform(command) }
            #expect(error?.code == .unavailable)
            #expect(writer.snapshot.policy.policy.text == Policy.allowAll.text)
            #expect(writer.snapshot.policyVersions.isEmpty)
            let first = try await writer.perform(command)
            #expect(first?.id == PolicyVersionID(1))
            #expect(writer.snapshot.policy.policy.text == closed.text)
            let stored = try await store.policyText(PolicyVersionID(1), of: TailnetID(1))
            #expect(stored == closed.text)
        }
        try await withWriter(store) { writer, _ in
            #expect(writer.snapshot.policyVersions.map(\.author) == ["alice"])
            let second = try await writer.perform(command)
            #expect(second?.id == PolicyVersionID(2))
        }
    }

    @Test("what is due while nothing can be stored does not keep the writer from its end")
    func dueWhileFailing() async throws {
        let store = MemoryStore()
        let time = Mutex(Timestamp(seconds: 1_800_000_000))
        let writer = try await makeWriter(store) { time.withLock { $0 } }
        let running = Task { try await writer.run() }
        let user = try await writer.perform(CreateUser(name: "alice"))
        let key = try await writer.perform(
            CreatePreAuthKey(user: user.id, isReusable: true, isEphemeral: true, tags: [], expiration: nil)
        )
        var request = RegisterRequest()
        request.version = .current
        request.nodeKey = try #require(NodeKey(bytes: [UInt8](repeating: 2, count: 32)))
        request.auth = RegisterRequestAuth(authKey: key.secret.secretText)
        let machine = try #require(MachineKey(bytes: [UInt8](repeating: 1, count: 32)))
        _ = try await writer.perform(RegisterNode(Registration(machineKey: machine, request: request)))
        #expect(writer.snapshot.nodes.count == 1)
        // An hour later the node is to be deleted, and that cannot be stored.
        store.failNextCommits(.max)
        time.withLock { $0 = Timestamp(seconds: 1_800_003_600) }
        let error = await #expect(throws: ModelError.self) { try await writer.perform(CreateUser(name: "bob")) }
        #expect(error?.code == .unavailable)
        #expect(writer.snapshot.nodes.count == 1)
        running.cancel()
        _ = await running.result
    }

    // MARK: -

    private func makeWriter(
        _ store: MemoryStore,
        limits: TailnetWriter.Limits = .init(),
        now: @escaping @Sendable () -> Timestamp = { Timestamp(seconds: 1_800_000_000) }
    ) async throws -> TailnetWriter {
        let settings = TailnetSettings(
            prefixV4: IPPrefix(text: "100.64.0.0/10"),
            prefixV6: nil,
            baseDomain: "example.internal",
            domain: "example.org",
            derpMap: DERPMap()
        )
        return TailnetWriter(
            id: TailnetID(1),
            settings: settings,
            stored: try await store.load(TailnetID(1)),
            store: store,
            limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: now
        )
    }

    private func withWriter(
        _ store: MemoryStore = MemoryStore(),
        _ body: (TailnetWriter, MemoryStore) async throws -> Void
    ) async throws {
        let writer = try await makeWriter(store)
        let running = Task { try await writer.run() }
        defer { running.cancel() }
        try await body(writer, store)
    }
}

extension TailnetWriter {
    fileprivate func perform<C: Command>(_ command: C) async throws -> C.Reply {
        try await withCheckedThrowingContinuation { done in
            submit(command) { done.resume(with: $0.mapError { $0 as any Error }) }
        }
    }
}
