// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Synchronization

@testable import NeedleTransport

/// Keeps requests and their exchanges for the test to answer.
final class RecordingRouter: InnerRouter {
    private let pairs = Mutex<[(InnerRequest, InnerExchange)]>([])
    private let waiter = Mutex<CheckedContinuation<InnerExchange, Never>?>(nil)

    func handle(_ request: InnerRequest, on exchange: InnerExchange) {
        pairs.withLock { $0.append((request, exchange)) }
        waiter.withLock { $0.take() }?.resume(returning: exchange)
    }

    /// Waits for the first request.
    func firstExchange() async -> InnerExchange {
        await withCheckedContinuation { continuation in
            waiter.withLock { $0 = continuation }
            if let first = exchanges.first { waiter.withLock { $0.take() }?.resume(returning: first) }
        }
    }

    var requests: [InnerRequest] { pairs.withLock { $0.map(\.0) } }
    var exchanges: [InnerExchange] { pairs.withLock { $0.map(\.1) } }

    /// Lets go of everything.
    func forget() {
        let kept = pairs.withLock { pairs in
            let kept = pairs
            pairs = []
            return kept
        }
        _ = kept
    }
}
