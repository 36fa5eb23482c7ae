// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import Logging
package import NeedleModel
package import NeedlePolicy
package import NeedleStorage
package import NeedleTypes
internal import ServiceLifecycle
internal import Synchronization

/// The one writer of a tailnet: takes commands in batches, keeps what must be kept, publishes the result.
///
/// All that was asked while one batch was being written becomes the next, so that a flood of registrations shares its
/// disk writes. Nobody is answered before the batch is durable.
package final class TailnetWriter: TailnetGate {
    /// How much it takes on; each number is a bound on memory or on latency.
    package struct Limits: Sendable {
        /// Commands that may wait.
        package var queuedCommandsMax = 65_536
        /// Commands in one batch.
        package var batchCommandsMax = 512
        /// How long soft state may stay unwritten.
        package var softWriteInterval: Duration = .seconds(10)

        package init() {}
    }

    private let limits: Limits
    private let queue: CommandQueue
    private let published: Mutex<Tailnet>
    private let initial: Mutex<TailnetEngine?>
    private let store: any TailnetStore
    private let now: @Sendable () -> Timestamp
    private let onPublish: Mutex<[@Sendable () -> Void]> = Mutex([])
    private let logger: Logger
    private let lastCommitSucceeded = Atomic<Bool>(true)

    /// Whether the last commit reached the store.
    package var isStorageHealthy: Bool { lastCommitSucceeded.load(ordering: .relaxed) }

    /// A writer that begins with `stored`, which is what `store` holds, under `policy`.
    package init(
        id: TailnetID,
        settings: TailnetSettings,
        policy: Policy = .allowAll,
        stored: StoredTailnet,
        store: any TailnetStore,
        limits: Limits = Limits(),
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.limits = limits
        self.store = store
        self.now = now
        self.logger = logger
        queue = CommandQueue(entriesMax: limits.queuedCommandsMax)
        let engine = TailnetEngine(
            id: id,
            settings: settings,
            policy: policy,
            stored: stored,
            now: now(),
            random: SystemRandomNumberGenerator()
        )
        published = Mutex(engine.tailnet)
        initial = Mutex(engine)
    }

    package var snapshot: Tailnet { published.withLock { $0 } }

    /// Has `action` called after each publication, on no particular thread; it must not block.
    package func onPublish(_ action: @escaping @Sendable () -> Void) {
        onPublish.withLock { $0.append(action) }
    }

    package func submit<C: Command>(
        _ command: C,
        completion: @escaping @Sendable (Result<C.Reply, ModelError>) -> Void
    ) {
        queue.enqueue(
            CommandQueue.Entry(
                run: { transaction in
                    let result = transaction.run(command)
                    return { failure in completion(failure.map(Result.failure) ?? result) }
                },
                refuse: { completion(.failure($0)) }
            )
        )
    }

    // MARK: - The loop

    /// Works until the task is cancelled or graceful shutdown begins, then writes what is still unwritten.
    package func run() async throws {
        guard var engine = initial.withLock({ $0.take() }) else {
            preconditionFailure("a writer runs once")
        }
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { [queue] in
                // Due things are looked at once a second; nothing in a tailnet needs finer time.
                while !Task.isCancelled {
                    try? await Task.sleep(for: .seconds(1))
                    queue.wake()
                }
            }
            await withGracefulShutdownHandler {
                await self.work(&engine)
            } onGracefulShutdown: {
                self.queue.close()
            }
            group.cancelAll()
        }
        await writeSoftState(&engine)
    }

    private func work(_ engine: inout TailnetEngine) async {
        var lastSoftWrite = now()
        for await _ in queue.wakes {
            var batch = queue.take(limits.batchCommandsMax)
            while !batch.isEmpty || engine.nextDeadline.map({ $0 <= now() }) ?? false {
                let isCommitted = await commit(batch, &engine)
                batch = queue.take(limits.batchCommandsMax)
                // What was due is due again, and is tried again at the next wake.
                if !isCommitted, batch.isEmpty { break }
            }
            if now() - lastSoftWrite >= limits.softWriteInterval {
                await writeSoftState(&engine)
                lastSoftWrite = now()
            }
        }
        // Closed: what was accepted before is still carried out.
        while case let batch = queue.take(limits.batchCommandsMax), !batch.isEmpty {
            _ = await commit(batch, &engine)
        }
    }

    /// Carries out a batch and answers it.
    ///
    /// - Returns: whether it could be written.
    private func commit(_ batch: [CommandQueue.Entry], _ engine: inout TailnetEngine) async -> Bool {
        var transaction = engine.begin(now: now(), random: SystemRandomNumberGenerator())
        let completions = batch.map { $0.run(&transaction) }
        var storeBatch = transaction.seal()
        if !storeBatch.isEmpty {
            engine.addSoftChanges(to: &storeBatch, of: transaction)
            do {
                try await store.commit([storeBatch])
                lastCommitSucceeded.store(true, ordering: .relaxed)
            } catch {
                lastCommitSucceeded.store(false, ordering: .relaxed)
                logger.error("a batch could not be written and is dropped", metadata: ["error": "\(error)"])
                engine.reject(transaction)
                let failure = ModelError(.unavailable, "the server cannot write to its database now; see its log")
                for complete in completions { complete(failure) }
                return false
            }
        }
        let hasChanges = transaction.hasChanges
        engine.accept(transaction, writtenAs: storeBatch)
        if hasChanges {
            let tailnet = engine.tailnet
            published.withLock { $0 = tailnet }
        }
        for complete in completions { complete(nil) }
        if hasChanges {
            for action in onPublish.withLock({ $0 }) { action() }
        }
        return true
    }

    private func writeSoftState(_ engine: inout TailnetEngine) async {
        guard engine.hasSoftChanges else { return }
        let batch = engine.takeSoftChanges()
        do {
            try await store.commit([batch])
            lastCommitSucceeded.store(true, ordering: .relaxed)
        } catch {
            lastCommitSucceeded.store(false, ordering: .relaxed)
            engine.putBack(batch)
            logger.warning(
                "what nodes report of themselves could not be written, and is tried again",
                metadata: ["error": "\(error)"]
            )
        }
    }
}

extension TailnetWriter: Service {}
