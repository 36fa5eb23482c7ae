// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Synchronization

/// The memory that the bodies of unfinished requests may take, over all connections of a listener.
///
/// Anyone may begin a request, so the limits of single connections do not bound it.
final class BodyBudget: Sendable {
    private let bytesMax: Int
    private let bytes = Atomic(0)

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// What is taken now.
    var taken: Int { bytes.load(ordering: .relaxed) }

    /// What one request has taken; given back when the share is let go.
    final class Share {
        private let budget: BodyBudget
        private var held = 0

        init(of budget: BodyBudget) {
            self.budget = budget
        }

        deinit {
            budget.giveBack(held)
        }

        /// Takes `count` more bytes; false if there are not as many.
        func grow(by count: Int) -> Bool {
            guard budget.take(count) else { return false }
            held += count
            return true
        }
    }

    private func take(_ count: Int) -> Bool {
        let total = bytes.wrappingAdd(count, ordering: .relaxed).newValue
        guard total > bytesMax else { return true }
        giveBack(count)
        return false
    }

    private func giveBack(_ count: Int) {
        bytes.wrappingSubtract(count, ordering: .relaxed)
    }
}
