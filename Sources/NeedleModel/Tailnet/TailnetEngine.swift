// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import HeapModule
package import NeedlePolicy
package import NeedleTypes

/// The writer's side of a tailnet: the state in force, and what is due when.
///
/// One batch is: ``begin(now:random:)``, any number of commands on the transaction, ``Transaction/seal()``, writing the
/// result to storage, ``accept(_:writtenAs:)``. A batch that could not be written is dropped, and nothing has happened.
package struct TailnetEngine {
    /// The state in force.
    package private(set) var tailnet: Tailnet
    private var timers = Heap<TailnetTimer>()
    private var softNodes: Set<NodeID> = []

    /// Takes up what was stored, under `policy`; nodes begin disconnected.
    package init(
        id: TailnetID,
        settings: TailnetSettings,
        policy: Policy = .allowAll,
        stored: StoredTailnet,
        now: Timestamp,
        random: any RandomNumberGenerator & Sendable
    ) {
        tailnet = Tailnet(id: id, settings: settings, policy: policy)
        var transaction = Transaction(tailnet: tailnet, now: now, random: random)
        transaction.restore(stored)
        _ = transaction.seal()
        accept(transaction)
        softNodes = []
    }

    /// Starts a batch at `now`, with whatever is due by then already done.
    package mutating func begin(now: Timestamp, random: any RandomNumberGenerator & Sendable) -> Transaction {
        var transaction = Transaction(tailnet: tailnet, now: now, random: random)
        while let timer = timers.min, timer.due <= now {
            timers.removeMin()
            transaction.fire(timer)
        }
        return transaction
    }

    /// Drops a batch that could not be written; what was due is due again.
    package mutating func reject(_ transaction: Transaction) {
        for timer in transaction.fired { timers.insert(timer) }
    }

    /// Makes the result of a batch the state in force; `batch` is what was written for it, if anything was.
    package mutating func accept(_ transaction: Transaction, writtenAs batch: StoreBatch? = nil) {
        tailnet = transaction.tailnet
        for timer in transaction.timers { timers.insert(timer) }
        softNodes.formUnion(transaction.softNodes)
        softNodes.subtract(transaction.durableNodes)
        if let batch { softNodes.subtract(batch.softNodes.map(\.id)) }
    }

    /// When the next thing is due, if anything is.
    package var nextDeadline: Timestamp? { timers.min?.due }

    /// Whether anything waits to be written lazily.
    package var hasSoftChanges: Bool { !softNodes.isEmpty }

    /// Has soft state that waits written with what `transaction` must write anyway, at most one node for each that is
    /// written for itself: so it costs no sync of its own, and no commit becomes more than twice as long.
    package func addSoftChanges(to batch: inout StoreBatch, of transaction: Transaction) {
        let candidates = softNodes.lazy.filter { !transaction.durableNodes.contains($0) }
        for id in candidates.prefix(batch.nodes.count) {
            if let node = transaction.tailnet.node(id)?.record { batch.softNodes.append(StoreBatch.SoftNode(node)) }
        }
    }

    /// All soft state that waits.
    package mutating func takeSoftChanges() -> StoreBatch {
        var batch = StoreBatch(tailnet: tailnet.id)
        batch.softNodes = softNodes.sorted().compactMap { id in
            tailnet.node(id).map { StoreBatch.SoftNode($0.record) }
        }
        softNodes = []
        return batch
    }

    /// Has what ``takeSoftChanges()`` gave out, and could not be written, wait again.
    package mutating func putBack(_ batch: StoreBatch) {
        softNodes.formUnion(batch.softNodes.map(\.id))
    }
}
