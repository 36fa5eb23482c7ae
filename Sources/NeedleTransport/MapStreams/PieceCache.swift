// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleModel
internal import Synchronization

/// Bytes of map messages that many clients receive, encoded and compressed once for all event loops.
///
/// Two generations: when the younger is full it becomes the older, and the older is forgotten. A piece that is used
/// moves to the younger. So the memory is bounded, and nothing has to be tracked for each use.
final class PieceCache: Sendable {
    /// A piece as one kind of client gets it.
    struct Key: Hashable, Sendable {
        let piece: MapPiece.Key
        let isCompressed: Bool
    }

    private struct State {
        var young: [Key: ByteBuffer] = [:]
        var old: [Key: ByteBuffer] = [:]
        var youngBytes = 0
    }

    private let state = Mutex(State())
    private let bytesMax: Int

    /// A cache that holds about `bytesMax` at most.
    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    /// The bytes for `key`, made by `make` if nobody has made them.
    ///
    /// `make` runs outside the lock; two loops that miss at once both run it, which costs time and is otherwise
    /// harmless.
    func bytes(for key: Key, make: () -> ByteBuffer) -> ByteBuffer {
        if let found = find(key) { return found }
        let made = make()
        insert(made, for: key)
        return made
    }

    private func find(_ key: Key) -> ByteBuffer? {
        state.withLock { state in
            if let found = state.young[key] { return found }
            guard let found = state.old.removeValue(forKey: key) else { return nil }
            Self.add(found, for: key, to: &state)
            return found
        }
    }

    private func insert(_ bytes: ByteBuffer, for key: Key) {
        state.withLock { state in
            if state.youngBytes + bytes.readableBytes > bytesMax / 2 {
                state.old = state.young
                state.young = [:]
                state.youngBytes = 0
            }
            Self.add(bytes, for: key, to: &state)
        }
    }

    private static func add(_ bytes: ByteBuffer, for key: Key, to state: inout State) {
        if state.young.updateValue(bytes, forKey: key) == nil { state.youngBytes += bytes.readableBytes }
    }
}
