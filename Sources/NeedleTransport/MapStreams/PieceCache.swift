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

            /// Adds to the younger generation; returns what is forgotten for it.
            mutating func add(_ bytes: ByteBuffer, for key: Key, youngBytesMax: Int) -> [Key: ByteBuffer] {
                var forgotten: [Key: ByteBuffer] = [:]
                if youngBytes + bytes.readableBytes > youngBytesMax {
                    forgotten = old
                    old = young
                    young = [:]
                    youngBytes = 0
                }
                if young.updateValue(bytes, forKey: key) == nil { youngBytes += bytes.readableBytes }
                return forgotten
            }
        }

        private let state = Mutex(State())
        private let bytesMax: Int

        init(bytesMax: Int) {
            self.bytesMax = bytesMax
        }

        func find(_ key: Key) -> ByteBuffer? {
            let (found, forgotten) = state.withLock { state -> (ByteBuffer?, [Key: ByteBuffer]) in
                if let found = state.young[key] { return (found, [:]) }
                guard let found = state.old.removeValue(forKey: key) else { return (nil, [:]) }
                return (found, state.add(found, for: key, youngBytesMax: bytesMax / 2))
            }
            // What is forgotten is freed when the lock is open again.
            withExtendedLifetime(forgotten) {}
            return found
        }

        func insert(_ bytes: ByteBuffer, for key: Key) {
            let forgotten = state.withLock { $0.add(bytes, for: key, youngBytesMax: bytesMax / 2) }
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
