// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore

/// How long it took until clients were told of changes: by the millisecond, up to a minute.
struct DeliveryTimes: Sendable {
    private static let millisecondsMax = 60_000

    /// How many were told within so many milliseconds; longer than the last counts as that.
    private var counts: [Int] = []
    /// How often a client was told.
    private(set) var total = 0
    /// When which node changed last.
    private var changes: [Int64: NIODeadline] = [:]

    /// A node changes now.
    mutating func changed(_ node: Int64, at time: NIODeadline) {
        changes[node] = time
    }

    /// Since when a client has something to be told of a node; nil if the node has not changed.
    func change(of node: Int64) -> NIODeadline? { changes[node] }

    /// Whether anything has changed.
    var isActive: Bool { !changes.isEmpty }

    /// A client was told.
    mutating func add(_ time: TimeAmount) {
        if counts.isEmpty { counts = Array(repeating: 0, count: Self.millisecondsMax + 1) }
        let milliseconds = (time.nanoseconds + 999_999) / 1_000_000
        counts[Int(min(max(milliseconds, 0), Int64(Self.millisecondsMax)))] += 1
        total += 1
    }

    static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.counts =
            left.counts.isEmpty
            ? right.counts
            : zip(left.counts, right.counts.isEmpty ? left.counts.map { _ in 0 } : right.counts).map { $0 + $1 }
        sum.total += right.total
        return sum
    }

    /// The distribution in seconds, rounded up to milliseconds.
    var distribution: Distribution? {
        guard total > 0 else { return nil }
        func rank(_ percent: Int) -> Double {
            var left = max((total * percent + 99) / 100, 1)
            for (milliseconds, count) in counts.enumerated() {
                left -= count
                if left <= 0 { return Double(milliseconds) / 1000 }
            }
            return Double(Self.millisecondsMax) / 1000
        }
        return Distribution(count: total, p50: rank(50), p95: rank(95), p99: rank(99), max: rank(100))
    }
}
