// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import Synchronization

/// What all event loops of a run tell each other: how many clients are exact, and when it was all of them.
final class SwarmBoard: Sendable {
    private struct State {
        var clients = 0
        var exact = 0
        var failed = 0
        var exactAt: NIODeadline?
        var errors: [String: Int] = [:]
        var waiting: EventLoopPromise<Void>?

        var isFinished: Bool { exact + failed >= clients }
    }

    /// Different texts of errors that are kept apart.
    static let errorTextsMax = 100

    private let state = Mutex(State())

    /// Clients that have been released.
    var clients: Int { state.withLock { $0.clients } }

    /// When all clients were exact together, if they still are.
    var exactAt: NIODeadline? { state.withLock { $0.exactAt } }

    /// What went wrong, and how often.
    var errors: [String: Int] { state.withLock { $0.errors } }

    /// From now on so many more clients count.
    func expect(_ more: Int) {
        state.withLock { state in
            state.clients += more
            state.exactAt = state.exact == state.clients ? .now() : nil
        }
    }

    /// Fulfils `promise` as soon as every client is exact or has failed; an earlier promise is fulfilled at once.
    func notify(_ promise: EventLoopPromise<Void>) {
        let due = state.withLock { state in
            let earlier = state.waiting
            state.waiting = state.isFinished ? nil : promise
            return [earlier, state.isFinished ? promise : nil]
        }
        for promise in due { promise?.succeed() }
    }

    /// A client has become exact, or no longer is.
    func exactChanged(by change: Int) {
        update { state in
            state.exact += change
            if state.exact == state.clients {
                state.exactAt = state.exactAt ?? .now()
            } else {
                state.exactAt = nil
            }
        }
    }

    /// A client gave up for good.
    func clientFailed() {
        update { $0.failed += 1 }
    }

    /// Something went wrong.
    func count(error: String) {
        state.withLock { state in
            let text = state.errors[error] != nil || state.errors.count < Self.errorTextsMax ? error : "other errors"
            state.errors[text, default: 0] += 1
        }
    }

    private func update(_ change: (inout State) -> Void) {
        let promise: EventLoopPromise<Void>? = state.withLock { state in
            change(&state)
            return state.isFinished ? state.waiting.take() : nil
        }
        promise?.succeed()
    }
}
