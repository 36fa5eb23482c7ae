// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// The clients of a run, on their event loops.
struct SwarmFleet: Sendable {
    let configuration: SwarmConfiguration
    let board: SwarmBoard
    private let loops: [SwarmLoopHandle]

    /// A loop's clients, reachable from everywhere but touched only on the loop.
    private struct SwarmLoopHandle: Sendable {
        let eventLoop: any EventLoop
        let clients: NIOLoopBound<SwarmLoop>

        func run<Value: Sendable>(_ body: @escaping @Sendable (SwarmLoop) -> Value) async throws -> Value {
            try await eventLoop.submit { body(clients.value) }.get()
        }
    }

    /// Makes all keys and requests; no client begins.
    init(_ configuration: SwarmConfiguration, on group: MultiThreadedEventLoopGroup) async throws {
        var random = SystemRandomNumberGenerator()
        let prepared = try configuration.members.enumerated().map { index, member in
            try PreparedClient(member, index: index, configuration, using: &random)
        }
        let board = SwarmBoard()
        let tls = configuration.target.isSecure ? try ControlDialer.tls() : nil
        let eventLoops = Array(group.makeIterator())
        var loops: [SwarmLoopHandle] = []
        for (index, eventLoop) in eventLoops.enumerated() {
            let share = prepared.enumerated().filter { $0.offset % eventLoops.count == index }.map(\.element)
            loops.append(
                try await eventLoop.submit {
                    let loop = try SwarmLoop(
                        eventLoop,
                        configuration,
                        board: board,
                        share: eventLoops.count,
                        tls: tls
                    )
                    loop.hold(share)
                    return SwarmLoopHandle(eventLoop: eventLoop, clients: NIOLoopBound(loop, eventLoop: eventLoop))
                }.get()
            )
        }
        self.configuration = configuration
        self.board = board
        self.loops = loops
    }

    // MARK: - What clients are told

    /// Does something with each client.
    func withEach(_ body: @escaping @Sendable (SwarmClient) -> Void) async throws {
        for loop in loops { try await loop.run { $0.withEach(body) } }
    }

    /// Lets clients begin; `count` of them fit.
    func release(_ count: Int, where isMeant: @escaping @Sendable (Int) -> Bool) async throws {
        board.expect(count)
        for loop in loops {
            // Not waited for, so that all loops begin at once.
            loop.eventLoop.execute { loop.clients.value.withEach { if isMeant($0.member) { $0.release() } } }
        }
    }

    /// Gives clients their goals by member; nothing leaves a client's goal as it is.
    func pursue(_ goal: @escaping @Sendable (Int) -> SwarmGoal?) async throws {
        try await withEach { client in
            if let goal = goal(client.member) { client.pursue(goal) }
        }
    }

    /// Drops the streams of all clients that have one.
    func dropAll() async throws {
        for loop in loops { loop.eventLoop.execute { loop.clients.value.withEach { $0.drop() } } }
        // Behind that on each loop, so that all have dropped when this returns.
        try await withEach { _ in }
    }

    /// Lets a client tell the server of new endpoints; when its peers are told is measured.
    func change(_ member: Int) async throws -> Bool {
        let home = loops[member % loops.count]
        let place = member / loops.count
        let own = try await home.run { loop in loop.client(place)?.ownNode }
        guard let own, own != 0 else { return false }
        let now = NIODeadline.now()
        for loop in loops { try await loop.run { $0.deliveries.changed(own, at: now) } }
        return try await home.run { loop in loop.client(place)?.change() ?? false }
    }

    /// Lets a client go away for a while.
    func leave(_ member: Int, for time: Duration) async throws {
        let place = member / loops.count
        let amount = TimeAmount(time)
        try await loops[member % loops.count].run { loop in loop.client(place)?.leave(for: amount) }
    }

    /// Says how quickly clients were told of what changed, and forgets it.
    func takeDeliveries(forgets: Bool = true) async throws -> DeliveryTimes {
        var sum = DeliveryTimes()
        for loop in loops {
            sum =
                sum
                + (try await loop.run { loop in
                    let times = loop.deliveries
                    if forgets { loop.deliveries = DeliveryTimes() }
                    return times
                })
        }
        return sum
    }

    // MARK: - Waiting

    /// Waits until every released client has what it has to come to see, or has failed.
    ///
    /// - Returns: whether that came before the time limit.
    @discardableResult
    func waitUntilDone(timeLimit: Duration) async throws -> Bool {
        let eventLoop = loops[0].eventLoop
        let done = eventLoop.makePromise(of: Void.self)
        board.notify(done)
        let alarm = eventLoop.scheduleTask(in: TimeAmount(timeLimit)) { done.succeed() }
        try await withTaskCancellationHandler {
            try await done.futureResult.get()
        } onCancel: {
            done.succeed()
        }
        alarm.cancel()
        try Task.checkCancellation()
        return board.exactAt != nil
    }

    // MARK: - What clients have seen

    /// How far all are together.
    func progress() async throws -> SwarmProgress {
        var sum = SwarmProgress()
        for loop in loops { sum = sum + (try await loop.run { $0.progress }) }
        sum.clients = board.clients
        return sum
    }

    /// By member.
    func results() async throws -> [SwarmClientResult] {
        var results: [SwarmClientResult] = []
        for loop in loops { results += try await loop.run { $0.results } }
        return results.sorted { $0.member < $1.member }
    }

    /// Closes everything.
    func stop() async throws {
        for loop in loops { try await loop.run { $0.stop() } }
    }
}
