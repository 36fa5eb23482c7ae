// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Lets many clients join one server, holds their map streams, and reports what they saw and what it took.
///
/// All clients are of this process, a few event loops for thousands. Keys and requests are made before the clock starts.
package struct SwarmRunner: Sendable {
    private let configuration: SwarmConfiguration
    private let loops: [SwarmLoopHandle]
    private let board: SwarmBoard
    private let start: NIODeadline

    /// A loop's clients, reachable from everywhere but touched only on the loop.
    private struct SwarmLoopHandle: Sendable {
        let eventLoop: any EventLoop
        let clients: NIOLoopBound<SwarmLoop>

        func read<Value: Sendable>(_ body: @escaping @Sendable (SwarmLoop) -> Value) async throws -> Value {
            try await eventLoop.submit { body(clients.value) }.get()
        }
    }

    /// Runs the whole run and reports; clients that fail are part of the report.
    ///
    /// - Parameters:
    ///   - configuration: what to do.
    ///   - progress: called now and then, on no particular thread.
    /// - Returns: what was found.
    /// - Throws: ``ClientError/badConfiguration(_:)`` if the run cannot begin: the target is not loopback, or there are
    ///   more clients than files may be open.
    package static func run(
        _ configuration: SwarmConfiguration,
        progress: @escaping @Sendable (SwarmProgress) -> Void = { _ in }
    ) async throws -> SwarmReport {
        try check(configuration)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(configuration.threads, 1))
        do {
            let report = try await run(configuration, on: group, progress)
            try await group.shutdownGracefully()
            return report
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private static func check(_ configuration: SwarmConfiguration) throws(ClientError) {
        guard configuration.target.isLoopback else {
            throw .badConfiguration(
                "\(configuration.target.host) is not this machine; a load run only goes against a server on loopback"
            )
        }
        guard !configuration.members.isEmpty else { throw .badConfiguration("a load run needs at least one client") }
        try OpenFileLimit.makeRoom(for: configuration.members.count)
    }

    // MARK: - One run

    private static func run(
        _ configuration: SwarmConfiguration,
        on group: MultiThreadedEventLoopGroup,
        _ progress: @escaping @Sendable (SwarmProgress) -> Void
    ) async throws -> SwarmReport {
        let prepared = try prepare(configuration)
        let eventLoops = Array(group.makeIterator())
        let finished = eventLoops[0].makePromise(of: Void.self)
        let board = SwarmBoard(clients: prepared.count, finished: finished)
        let tls = configuration.target.isSecure ? try ControlDialer.tls() : nil
        let costs = Costs(serverPID: configuration.serverPID)
        let start = NIODeadline.now()
        var loops: [SwarmLoopHandle] = []
        for (index, eventLoop) in eventLoops.enumerated() {
            let share = prepared.enumerated().filter { $0.offset % eventLoops.count == index }.map(\.element)
            let connectingMax = max(configuration.connectingMax / eventLoops.count, 1)
            loops.append(
                try await eventLoop.submit {
                    let clients = try SwarmLoop(
                        eventLoop,
                        configuration,
                        board: board,
                        connectingMax: connectingMax,
                        tls: tls
                    )
                    clients.begin(share)
                    return SwarmLoopHandle(
                        eventLoop: eventLoop,
                        clients: NIOLoopBound(clients, eventLoop: eventLoop)
                    )
                }.get()
            )
        }
        let runner = SwarmRunner(configuration: configuration, loops: loops, board: board, start: start)
        let alarm = eventLoops[0].scheduleTask(in: TimeAmount(configuration.timeLimit)) { finished.succeed() }
        try await runner.wait(for: finished.futureResult, progress)
        alarm.cancel()
        return try await runner.finish(costs)
    }

    private static func prepare(_ configuration: SwarmConfiguration) throws -> [PreparedClient] {
        var random = SystemRandomNumberGenerator()
        return try configuration.members.enumerated().map { index, member in
            try PreparedClient(member, index: index, configuration, using: &random)
        }
    }

    /// Waits for the end, and tells of progress meanwhile.
    private func wait(
        for end: EventLoopFuture<Void>,
        _ report: @escaping @Sendable (SwarmProgress) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    do { try await Task.sleep(for: configuration.progressInterval) } catch { return }
                    report(try await progress())
                }
            }
            try await end.get()
            group.cancelAll()
        }
        report(try await progress())
    }

    private func progress() async throws -> SwarmProgress {
        var sum = SwarmProgress()
        for loop in loops { sum = sum + (try await loop.read { $0.progress }) }
        sum.clients = board.clients
        sum.seconds = seconds(.now())
        return sum
    }

    private func seconds(_ time: NIODeadline) -> Double {
        Double((time - start).nanoseconds) / 1e9
    }

    // MARK: - Its end

    private func finish(_ costs: Costs) async throws -> SwarmReport {
        let tool = costs.tool
        var server = costs.server
        if configuration.idleTime > .zero {
            let before = configuration.serverPID.flatMap { ProcessCost(pid: $0) }
            let idleStart = NIODeadline.now()
            try await Task.sleep(for: configuration.idleTime)
            let wall = Double((.now() - idleStart).nanoseconds) / 1e9
            if let before, let after = configuration.serverPID.flatMap({ ProcessCost(pid: $0) }) {
                server?.idleCPUPercent = (after.cpuSeconds - before.cpuSeconds) / wall * 100
                server?.rssEndBytes = after.rssBytes
            }
        }
        let progress = try await progress()
        var results: [SwarmClientResult] = []
        for loop in loops { results += try await loop.read { $0.results } }
        let exactAt = board.exactAt
        for loop in loops { try await loop.read { $0.stop() } }
        return report(results, progress, exactAt: exactAt, tool: tool, server: server)
    }

    private func report(
        _ results: [SwarmClientResult],
        _ progress: SwarmProgress,
        exactAt: NIODeadline?,
        tool: SwarmReport.Tool,
        server: SwarmReport.Server?
    ) -> SwarmReport {
        func times(_ path: KeyPath<SwarmClientResult, NIODeadline?>) -> [Double] {
            results.compactMap { $0[keyPath: path].map(seconds) }
        }
        func last(_ times: [Double]) -> Double? {
            times.count == results.count ? times.max() : nil
        }
        let registered = times(\.registered)
        let firstMap = times(\.firstMap)
        let judgement = SwarmJudgement(results, isMesh: configuration.isMesh)
        return SwarmReport(
            outcome: judgement.outcome,
            nodes: results.count,
            registeredSeconds: last(registered),
            firstMapSeconds: last(firstMap),
            exactSeconds: judgement.isExact ? exactAt.map(seconds) : nil,
            registered: Distribution(registered),
            firstMap: Distribution(firstMap),
            exact: Distribution(times(\.exact)),
            messages: progress.messages,
            keepAlives: progress.keepAlives,
            wireBytes: progress.wireBytes,
            strays: results.reduce(0) { $0 + $1.tally.strays },
            errors: board.errors,
            tool: tool,
            server: server
        )
    }

    /// What this process and the server's had cost at the start.
    private struct Costs {
        private let serverPID: Int?
        private let ownBefore = ProcessCost.own
        private let serverBefore: ProcessCost?

        init(serverPID: Int?) {
            self.serverPID = serverPID
            serverBefore = serverPID.flatMap { ProcessCost(pid: $0) }
        }

        /// What this process has cost since.
        var tool: SwarmReport.Tool {
            let now = ProcessCost.own
            return SwarmReport.Tool(
                cpuSeconds: (now?.cpuSeconds ?? 0) - (ownBefore?.cpuSeconds ?? 0),
                rssPeakBytes: now?.rssPeakBytes ?? 0
            )
        }

        /// What the server's process has cost since; nothing if it is not known, or gone.
        var server: SwarmReport.Server? {
            guard let serverBefore, let now = serverPID.flatMap({ ProcessCost(pid: $0) }) else { return nil }
            return SwarmReport.Server(
                cpuSeconds: now.cpuSeconds - serverBefore.cpuSeconds,
                rssPeakBytes: now.rssPeakBytes,
                rssEndBytes: now.rssBytes,
                idleCPUPercent: nil
            )
        }
    }
}
