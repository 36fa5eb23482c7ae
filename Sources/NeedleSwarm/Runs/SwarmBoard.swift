// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import Synchronization

/// What all event loops of a run tell each other: how many clients are exact, and when it was all of them.
final class SwarmBoard: Sendable {
    private struct State {
        var exact = 0
        var failed = 0
        var exactAt: NIODeadline?
        var errors: [String: Int] = [:]
    }

    /// Different texts of errors that are kept apart.
    static let errorTextsMax = 100

    let clients: Int
    private let state = Mutex(State())
    private let finished: EventLoopPromise<Void>

    /// `finished` is fulfilled as soon as every client is exact or has failed.
    init(clients: Int, finished: EventLoopPromise<Void>) {
        self.clients = clients
        self.finished = finished
    }

    /// When all clients were exact together, if they still are.
    var exactAt: NIODeadline? { state.withLock { $0.exactAt } }

    /// What went wrong, and how often.
    var errors: [String: Int] { state.withLock { $0.errors } }

    /// A client has become exact, or no longer is.
    func exactChanged(by change: Int) {
        update { state in
            state.exact += change
            if state.exact == clients {
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
        let isFinished = state.withLock { state in
            change(&state)
            return state.exact + state.failed >= clients
        }
        if isFinished { finished.succeed() }
    }
}
