// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import Synchronization
import Testing

/// Carries a reply out of a completion that is called at once.
final class ReplyBox<Reply: Sendable>: Sendable {
    private let result = Mutex<Result<Reply, ModelError>?>(nil)

    func set(_ result: Result<Reply, ModelError>) {
        self.result.withLock { $0 = result }
    }

    func get() throws -> Reply {
        try #require(result.withLock { $0 }).get()
    }
}
