// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Synchronization

/// The counts of one listener, readable from anywhere.
package final class TransportCounters: Sendable {
    private let counts: InlineArray<40, Atomic<Int>>

    /// All counts at zero.
    package init() {
        counts = InlineArray { _ in Atomic(0) }
    }

    /// How often `counter` has happened.
    package subscript(counter: TransportCounter) -> Int {
        counts[counter.rawValue].load(ordering: .relaxed)
    }

    /// All counts by metric name.
    package var snapshot: [String: Int] {
        Dictionary(uniqueKeysWithValues: TransportCounter.allCases.map { ($0.name, self[$0]) })
    }

    /// Counts one more.
    func add(_ counter: TransportCounter) {
        counts[counter.rawValue].wrappingAdd(1, ordering: .relaxed)
    }
}
