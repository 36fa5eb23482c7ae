// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import NIOCore
package import NeedleModel
package import NeedleTypes
internal import Synchronization

/// The map streams of all event loops.
package final class MapStreamHub: Sendable {
    /// What the streams have done.
    package let counters = MapStreamCounters()
    private let loops: [ObjectIdentifier: Entry]

    /// One loop's streams, reachable from everywhere but touched only on the loop.
    private final class Entry: Sendable {
        let eventLoop: any EventLoop
        let streams: NIOLoopBound<MapStreamLoop>
        let isWoken = Atomic<Bool>(false)

        init(eventLoop: any EventLoop, streams: NIOLoopBound<MapStreamLoop>) {
            self.eventLoop = eventLoop
            self.streams = streams
        }
    }

    /// Prepares every loop of `group`.
    package init(
        group: any EventLoopGroup,
        gate: any TailnetGate,
        limits: MapStreamLimits = MapStreamLimits(),
        now: @escaping @Sendable () -> Timestamp
    ) async throws {
        let cache = PieceCache(bytesMax: limits.cacheBytesMax)
        let counters = self.counters
        var loops: [ObjectIdentifier: Entry] = [:]
        for eventLoop in group.makeIterator() {
            loops[ObjectIdentifier(eventLoop)] = try await eventLoop.submit {
                guard let compressor = ZstdCompressor() else { throw MapStreamError.outOfMemory }
                let streams = MapStreamLoop(
                    eventLoop: eventLoop,
                    gate: gate,
                    encoder: MapMessageEncoder(cache: cache, compressor: compressor, allocator: ByteBufferAllocator()),
                    limits: limits,
                    counters: counters,
                    now: now
                )
                return Entry(eventLoop: eventLoop, streams: NIOLoopBound(streams, eventLoop: eventLoop))
            }.get()
        }
        self.loops = loops
    }

    /// A new snapshot is there: wakes every loop, once until it has looked.
    package func published() {
        for entry in loops.values {
            let (exchanged, _) = entry.isWoken.compareExchange(
                expected: false,
                desired: true,
                ordering: .acquiringAndReleasing
            )
            guard exchanged else { continue }
            entry.eventLoop.execute {
                entry.isWoken.store(false, ordering: .releasing)
                entry.streams.value.published()
            }
        }
    }

    /// The streams of the loop that the caller is on.
    func streams(on eventLoop: any EventLoop) -> MapStreamLoop? {
        loops[ObjectIdentifier(eventLoop)]?.streams.value
    }

    /// Ends every stream, for shutdown.
    package func endAll() async throws {
        for entry in loops.values {
            try await entry.eventLoop.submit { entry.streams.value.endAll() }.get()
        }
    }
}

/// Why the map streams could not be prepared.
enum MapStreamError: Error {
    /// A compressor could not be made.
    case outOfMemory
}
