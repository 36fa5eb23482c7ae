// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// A dictionary in parts, so that changing one entry of a copy copies a part instead of everything; see ``PagedArray``.
struct ShardedDictionary<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private static var shardCount: Int { 128 }

    private var shards: [[Key: Value]] = Array(repeating: [:], count: shardCount)

    subscript(key: Key) -> Value? {
        get { shards[Self.shard(of: key)][key] }
        set { shards[Self.shard(of: key)][key] = newValue }
    }

    subscript(key: Key, default value: @autoclosure () -> Value) -> Value {
        get { shards[Self.shard(of: key)][key] ?? value() }
        _modify { yield &shards[Self.shard(of: key)][key, default: value()] }
    }

    /// Every value, in no order.
    var values: [Value] { shards.flatMap(\.values) }

    /// The high bits, since dictionaries use the low ones.
    private static func shard(of key: Key) -> Int { Int(UInt(bitPattern: key.hashValue) >> 48) % shardCount }
}
