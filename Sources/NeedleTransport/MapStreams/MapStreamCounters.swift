// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Synchronization

/// What the map streams have done since the start.
package final class MapStreamCounters: Sendable {
    private let openStreams = Atomic<Int>(0)
    private let messages = Atomic<Int>(0)
    private let fullMaps = Atomic<Int>(0)
    private let bytes = Atomic<Int>(0)

    package init() {}

    /// The counts at this moment.
    package struct Values: Sendable, Equatable {
        /// Streams that are open.
        package let openStreams: Int
        /// Messages sent, keep-alives not counted.
        package let messages: Int
        /// Of these, full maps.
        package let fullMaps: Int
        /// Their bytes before sealing.
        package let bytes: Int
    }

    /// The counts at this moment.
    package var values: Values {
        Values(
            openStreams: openStreams.load(ordering: .relaxed),
            messages: messages.load(ordering: .relaxed),
            fullMaps: fullMaps.load(ordering: .relaxed),
            bytes: bytes.load(ordering: .relaxed)
        )
    }

    func opened() {
        openStreams.add(1, ordering: .relaxed)
    }

    func closed() {
        openStreams.subtract(1, ordering: .relaxed)
    }

    func sent(bytes count: Int, isFull: Bool) {
        messages.add(1, ordering: .relaxed)
        if isFull { fullMaps.add(1, ordering: .relaxed) }
        bytes.add(count, ordering: .relaxed)
    }
}
