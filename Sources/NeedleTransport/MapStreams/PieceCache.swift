// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleModel
internal import Synchronization

/// Bytes of map messages that many clients receive, encoded and compressed once for all event loops.
///
/// Two generations: when the younger is full it becomes the older, and the older is forgotten. A piece that is used
/// moves to the younger. So the memory is bounded, and nothing has to be tracked for each use.
///
/// In shards by key, each with a lock of its own: a packet filter has hundreds of pieces, and with one lock two loops that
/// make full maps spent a tenth of their time waiting for each other.
final class PieceCache: Sendable {
    /// A piece as one kind of client gets it.
    struct Key: Hashable, Sendable {
        let piece: MapPiece.Key
        let isCompressed: Bool
        private let hash: Int

        /// Works the hash out once, so that it is not done under a lock.
        init(piece: MapPiece.Key, isCompressed: Bool) {
            self.piece = piece
            self.isCompressed = isCompressed
            var hasher = Hasher()
            hasher.combine(piece)
            hasher.combine(isCompressed)
            hash = hasher.finalize()
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(hash)
        }

        fileprivate var shard: Int { hash & (PieceCache.shardCount - 1) }
    }

    /// A power of two.
    private static let shardCount = 16

    private final class Shard: Sendable {
        private struct State {
            var young: [Key: ByteBuffer] = [:]
            var old: [Key: ByteBuffer] = [:]
            var youngBytes = 0

            mutating func add(_ bytes: ByteBuffer, for key: Key) {
                if young.updateValue(bytes, forKey: key) == nil { youngBytes += bytes.readableBytes }
            }
        }

        private let state = Mutex(State())
        private let bytesMax: Int

        init(bytesMax: Int) {
            self.bytesMax = bytesMax
        }

        func find(_ key: Key) -> ByteBuffer? {
            state.withLock { state in
                if let found = state.young[key] { return found }
                guard let found = state.old.removeValue(forKey: key) else { return nil }
                state.add(found, for: key)
                return found
            }
        }

        func insert(_ bytes: ByteBuffer, for key: Key) {
            // What is forgotten is freed when the lock is open again.
            let forgotten = state.withLock { state in
                var forgotten: [Key: ByteBuffer] = [:]
                if state.youngBytes + bytes.readableBytes > bytesMax / 2 {
                    forgotten = state.old
                    state.old = state.young
                    state.young = [:]
                    state.youngBytes = 0
                }
                state.add(bytes, for: key)
                return forgotten
            }
            withExtendedLifetime(forgotten) {}
        }
    }

    private let shards: [Shard]

    /// A cache that holds about `bytesMax` at most.
    init(bytesMax: Int) {
        shards = (0..<Self.shardCount).map { _ in Shard(bytesMax: bytesMax / Self.shardCount) }
    }

    /// The bytes for `key`, made by `make` if nobody has made them.
    ///
    /// `make` runs outside the lock; two loops that miss at once both run it, which costs time and is otherwise
    /// harmless.
    func bytes(for key: Key, make: () -> ByteBuffer) -> ByteBuffer {
        let shard = shards[key.shard]
        if let found = shard.find(key) { return found }
        let made = make()
        shard.insert(made, for: key)
        return made
    }
}
