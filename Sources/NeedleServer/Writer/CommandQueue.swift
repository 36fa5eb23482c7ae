// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NeedleModel
internal import Synchronization

/// Commands that wait for the writer; bounded.
///
/// An actor would not do: its mailbox has no bound, and it may be entered again at each suspension.
final class CommandQueue: Sendable {
    /// A command with its asker's completion, its types erased.
    struct Entry: Sendable {
        /// Applies the command; what it returns is called once the batch has ended: with nil if it was committed, else
        /// with the reason why not.
        let run: @Sendable (inout Transaction) -> @Sendable (ModelError?) -> Void
        /// Tells the asker that the command was never applied.
        let refuse: @Sendable (ModelError) -> Void
    }

    private struct State {
        var entries: [Entry] = []
        var isClosed = false
    }

    private let state = Mutex(State())
    private let entriesMax: Int
    private let wakeUps: AsyncStream<Void>.Continuation
    /// Yields when there is something to do; any number of entries is one element.
    let wakes: AsyncStream<Void>

    /// An empty queue that refuses entry `entriesMax + 1`.
    init(entriesMax: Int) {
        self.entriesMax = entriesMax
        (wakes, wakeUps) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Appends `entry`, or refuses it at once.
    func enqueue(_ entry: Entry) {
        let refusal: ModelError? = state.withLock { state in
            if state.isClosed { return ModelError(.unavailable, "the server is stopping; try again in a moment") }
            if state.entries.count >= entriesMax {
                return ModelError(.unavailable, "the server has too much to do; try again in a moment")
            }
            state.entries.append(entry)
            return nil
        }
        if let refusal { entry.refuse(refusal) } else { wake() }
    }

    /// Takes out the oldest entries, `count` at most.
    func take(_ count: Int) -> [Entry] {
        state.withLock { state in
            let batch = Array(state.entries.prefix(count))
            state.entries.removeFirst(batch.count)
            return batch
        }
    }

    /// Makes ``wakes`` yield.
    func wake() {
        wakeUps.yield()
    }

    /// Refuses everything from now on, and ends ``wakes``; what has been queued can still be taken.
    func close() {
        state.withLock { $0.isClosed = true }
        wakeUps.finish()
    }
}
