// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Benchmark

/// Something that is measured, with what it needs made on first use, so that a filtered run makes nothing else.
///
/// Only ``body`` is timed. What it measures is divided by ``operations``: small things are done many times in one go,
/// since reading the clock costs as much as they do.
final class Subject<Fixture: AnyObject>: AnyBenchmark {
    let name: String
    let settings: [any BenchmarkSetting]
    private lazy var fixture = attempt(name, make)
    private let make: () throws -> Fixture
    private let before: (Fixture) throws -> Void
    private let after: (Fixture) throws -> Void
    private let body: (Fixture) throws -> Void
    private let bytes: ((Fixture) -> Int)?

    /// A subject whose `body` does `operations` of what it measures; `before` and `after` run untimed around each.
    ///
    /// `bytes` is how many bytes an operation made, for the table; leave it out where an operation takes less than 10 us.
    init(
        _ name: String,
        operations: Int = 1,
        make: @escaping () throws -> Fixture,
        before: @escaping (Fixture) throws -> Void = { _ in },
        after: @escaping (Fixture) throws -> Void = { _ in },
        bytes: ((Fixture) -> Int)? = nil,
        body: @escaping (Fixture) throws -> Void
    ) {
        self.name = name
        settings = [Operations(operations)]
        self.make = make
        self.before = before
        self.after = after
        self.body = body
        self.bytes = bytes
    }

    func setUp() { attempt(name) { try before(fixture) } }

    func run(_ state: inout BenchmarkState) throws {
        attempt(name) { try body(fixture) }
        if let bytes { state.counters["bytes"] = Double(bytes(fixture)) }
    }

    func tearDown() { attempt(name) { try after(fixture) } }
}

/// How many of what it measures a subject does in one iteration.
struct Operations: BenchmarkSetting {
    let count: Int

    init(_ count: Int) { self.count = count }
}

/// A benchmark whose work fails measures nothing: the run ends.
func attempt<Value>(_ name: String, _ work: () throws -> Value) -> Value {
    do { return try work() } catch { fatalError("\(name): \(error)") }
}

/// Keeps the compiler from leaving out what nobody uses.
@inline(never)
@_optimize(none)
func keep(_ value: some Any) {}
