// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NIOPosix

/// Lets many clients join one server, holds their map streams, and reports what they saw and what it took.
///
/// All clients are of this process, a few event loops for thousands. Keys and requests are made before the clock starts.
package enum SwarmRunner {
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
        try await runAndDraw(configuration, progress: progress).report
    }

    /// The same, with a chart of the run over time as SVG.
    package static func runAndDraw(
        _ configuration: SwarmConfiguration,
        progress: @escaping @Sendable (SwarmProgress) -> Void
    ) async throws -> (report: SwarmReport, chart: String) {
        try check(configuration)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: max(configuration.threads, 1))
        do {
            let log = SwarmLog()
            let report = try await run(configuration, on: group, log, progress)
            try await group.shutdownGracefully()
            return (report, RunChart(log.samples).svg)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private static func check(_ configuration: SwarmConfiguration) throws(ClientError) {
        guard configuration.target.isLoopback || configuration.allowsRemote else {
            throw .badConfiguration(
                "\(configuration.target.host) is not this machine; if it is your own server and may be loaded, "
                    + "say --i-own-this-server"
            )
        }
        guard !configuration.members.isEmpty else { throw .badConfiguration("a load run needs at least one client") }
        for scenario in configuration.scenarios {
            switch scenario {
            case .join, .idle, .reconnect, .churn, .soak: continue
            case .newcomer where configuration.plan == nil:
                throw .badConfiguration("the scenario 'newcomer' needs the policy of the roster")
            case .policy where configuration.plan?.policy2 == nil || configuration.control.setPolicy == nil,
                .edit where configuration.plan?.policySmall == nil || configuration.control.setPolicy == nil:
                throw .badConfiguration(
                    "the scenario '\(scenario.rawValue)' needs a second policy, and a server whose policy the tool may set"
                )
            case .newcomer, .policy, .edit: continue
            }
        }
        try OpenFileLimit.makeRoom(for: configuration.members.count)
    }

    private static func run(
        _ configuration: SwarmConfiguration,
        on group: MultiThreadedEventLoopGroup,
        _ log: SwarmLog,
        _ report: @escaping @Sendable (SwarmProgress) -> Void
    ) async throws -> SwarmReport {
        let fleet = try await SwarmFleet(configuration, on: group)
        var run = try SwarmRun(fleet, log)
        let start = run.start
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await tell(fleet, log, since: start, report) }
            let result: SwarmReport
            do {
                result = try await run.run()
            } catch {
                try? await fleet.stop()
                throw error
            }
            tasks.cancelAll()
            try await fleet.stop()
            return result
        }
    }

    /// Notes how far the run is, more often than it tells.
    private static func tell(
        _ fleet: SwarmFleet,
        _ log: SwarmLog,
        since start: NIODeadline,
        _ report: @Sendable (SwarmProgress) -> Void
    ) async throws {
        let perReport = 5
        var count = 0
        var told = SwarmProgress()
        while !Task.isCancelled {
            do { try await Task.sleep(for: fleet.configuration.progressInterval / perReport) } catch { return }
            var progress = try await fleet.progress()
            progress.seconds = Double((.now() - start).nanoseconds) / 1e9
            progress.phase = log.phase
            log.note(progress)
            count += 1
            guard count.isMultiple(of: perReport) else { continue }
            let seconds = max(progress.seconds - told.seconds, 0.001)
            progress.messagesPerSecond = Double(progress.messages - told.messages) / seconds
            progress.bytesPerSecond = Double(progress.wireBytes - told.wireBytes) / seconds
            told = progress
            report(progress)
        }
    }
}
