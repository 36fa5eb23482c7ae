// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleTypes

/// One run, from the first client to the report.
struct SwarmRun {
    let fleet: SwarmFleet
    let log: SwarmLog
    let start: NIODeadline
    var serverPID: Int?
    /// Who may see whom under the policies that were in force so far; the last is in force.
    var policies: [PlainVisibility] = []
    /// The text of the policy that is in force.
    var policy: String?
    var phases: [SwarmPhaseReport] = []
    /// Members that are held back.
    var held: Set<Int> = []
    /// Whether a client saw whom it must not, so that there is no sense in going on.
    private(set) var isHopeless = false
    private var idleCPUPercent: Double?
    /// What the report has to say besides.
    private var notes: [String] = []
    private var joiningTail: SwarmTail?

    var configuration: SwarmConfiguration { fleet.configuration }

    /// - Throws: ``PlanError`` if there is a policy that planning does not know.
    init(_ fleet: SwarmFleet, _ log: SwarmLog) throws {
        self.fleet = fleet
        self.log = log
        serverPID = fleet.configuration.serverPID
        if let plan = fleet.configuration.plan {
            policies = [try PlainVisibility(PlainPolicy(plan.policy), plan.roster)]
            policy = plan.policy
        }
        let members = fleet.configuration.members
        if fleet.configuration.scenarios.contains(.newcomer) {
            let count = min(fleet.configuration.newcomers, members.count / 2)
            held = Set(members.indices.filter { members[$0].rank == nil }.suffix(count))
        }
        start = .now()
    }

    // MARK: - The whole

    mutating func run() async throws -> SwarmReport {
        let costs = RunCosts(serverPID: serverPID)
        let joined = try await join()
        let tool = costs.tool
        let server = costs.serverSince
        let moment = try await begin(.join)
        let progress = moment.progress
        var report = self.report(try await fleet.results(), progress, tool: tool, server: server)
        report.exactSeconds = joined
        var scenarios = configuration.scenarios
        if configuration.idleTime > .zero, !scenarios.contains(.idle) { scenarios.append(.idle) }
        // With nobody there, there is nothing to be seen.
        guard progress.registered > 0 else {
            if scenarios.contains(.idle) { leaveOutIdle(report.outcome) }
            return try await finish(report)
        }
        // What the server still sends would count as a part of what comes next.
        if !scenarios.isEmpty, report.isExact {
            log.phase = "tail"
            joiningTail = try await settle(since: moment, silence: configuration.joiningSilence)
            report.tail = joiningTail
        }
        for scenario in scenarios where !isHopeless { try await play(scenario) }
        if isHopeless, scenarios.contains(.idle) { leaveOutIdle("the run ended before") }
        return try await finish(report)
    }

    /// Lets everybody join who is not held back; those who need certain addresses one after another.
    private mutating func join() async throws -> Double? {
        let held = self.held
        if !held.isEmpty, let visibility = policies.last {
            let expected = visibility.expectedPeers(present: present)
            try await fleet.pursue { held.contains($0) ? nil : SwarmGoal(expectedPeers: expected[$0]) }
        }
        let members = configuration.members
        let end = NIODeadline.now() + TimeAmount(configuration.timeLimit)
        let ranked = members.indices.filter { members[$0].rank != nil && !held.contains($0) }
        for member in ranked.sorted(by: { (members[$0].rank ?? 0) < (members[$1].rank ?? 0) }) {
            try await fleet.release(1) { $0 == member }
            try await waitUntilRegistered(member, deadline: end)
        }
        let first = Set(ranked)
        try await fleet.release(members.count - held.count - first.count) { !held.contains($0) && !first.contains($0) }
        try await waitUntilDone()
        return fleet.board.exactAt.map(seconds)
    }

    /// Waits until all have what they have to come to see, until the time is over, or until it is clear that they never
    /// will.
    mutating func waitUntilDone() async throws {
        let fleet = self.fleet
        let policies = self.policies
        let isHopeless = try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                try await fleet.waitUntilDone(timeLimit: fleet.configuration.timeLimit)
                return false
            }
            tasks.addTask {
                try await Self.waitForStrays(in: fleet, policies)
                return true
            }
            defer { tasks.cancelAll() }
            return try await tasks.next() ?? false
        }
        self.isHopeless = self.isHopeless || isHopeless
    }

    /// Returns when a client sees somebody whom no policy of the run lets it see, and nobody seems to take that back.
    private static func waitForStrays(in fleet: SwarmFleet, _ policies: [PlainVisibility]) async throws {
        let grace = fleet.configuration.excessGrace
        var watch = ExcessWatch(grace: TimeAmount(grace))
        while true {
            try await Task.sleep(for: max(grace / 5, .milliseconds(10)))
            guard watch.isTimeToLook(try await fleet.progress(), at: .now()) else { continue }
            // Without a policy, nothing can change in what a client may see.
            if policies.isEmpty { return }
            // What an earlier policy allowed goes when the server has come to that.
            if StrayPeer.first(in: try await fleet.results(), policies) != nil { return }
        }
    }

    private func waitUntilRegistered(_ member: Int, deadline: NIODeadline) async throws {
        while NIODeadline.now() < deadline {
            let result = try await fleet.results()[member]
            if result.registered != nil || result.hasGivenUp { return }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private mutating func play(_ scenario: SwarmScenario) async throws {
        log.phase = scenario.rawValue
        switch scenario {
        case .join: break
        case .idle: try await idle()
        case .reconnect: try await reconnect()
        case .policy: try await changePolicies()
        case .edit: try await editPolicy()
        case .newcomer: try await admitNewcomers()
        case .churn: try await churn()
        case .soak: try await soak()
        }
    }

    // MARK: - Idle

    /// What a server does whose clients still lack something says nothing about an idle one.
    private mutating func idle() async throws {
        let judgement = self.judgement(try await fleet.results())
        guard judgement.isExact else { return leaveOutIdle(judgement.outcome) }
        // Other parts end with a shorter silence than an idle server has to begin with.
        let tail = phases.isEmpty ? joiningTail : try await settle(silence: configuration.joiningSilence)
        if tail?.isQuiet == false {
            notes.append("idle began before the server was quiet, and counts what it still sent")
        }
        log.phase = SwarmScenario.idle.rawValue
        let time = configuration.idleTime > .zero ? configuration.idleTime : .seconds(60)
        let phase = try await begin(.idle)
        try await Task.sleep(for: time)
        let report = try await end(phase, affected: 0)
        idleCPUPercent = report.serverCPUPercent
    }

    private mutating func leaveOutIdle(_ reason: String) {
        notes.append("idle was left out, since \(reason)")
    }

    // MARK: - Parts

    /// Waits until the server has told everything.
    ///
    /// - Parameters:
    ///   - moment: when all had what they had to come to see; now if nil.
    ///   - silence: how long no message comes then; that of parts if nil.
    /// - Returns: what came since that moment.
    /// - Throws: `CancellationError`, and what an event loop throws that has ended.
    func settle(since moment: Phase? = nil, silence: Duration? = nil) async throws -> SwarmTail {
        let before: Phase
        if let moment { before = moment } else { before = try await begin(.join) }
        let watch = QuietWatch(
            start: before.start,
            silence: TimeAmount(silence ?? configuration.silence),
            timeLimit: TimeAmount(min(configuration.silenceTimeLimit, configuration.timeLimit))
        )
        while true {
            let progress = try await fleet.progress()
            let step = watch.step(lastMessage: progress.lastMessage, now: .now())
            if case .wait(let end) = step {
                try await Task.sleep(for: .nanoseconds(max((end - .now()).nanoseconds, 0)))
                continue
            }
            return SwarmTail(
                seconds: watch.tail(lastMessage: progress.lastMessage),
                messages: progress.messages - before.progress.messages,
                serverCPUSeconds: before.costs.serverSince?.cpuSeconds,
                isQuiet: step == .quiet
            )
        }
    }

    /// What was when a part of the run began.
    struct Phase {
        let name: String
        let costs: RunCosts
        let start: NIODeadline
        let progress: SwarmProgress
        let serverPID: Int?
    }

    func begin(_ scenario: SwarmScenario) async throws -> Phase {
        let progress = try await fleet.progress()
        return Phase(
            name: scenario.rawValue,
            costs: RunCosts(serverPID: serverPID),
            start: .now(),
            progress: progress,
            serverPID: serverPID
        )
    }

    /// Reports a part.
    ///
    /// - Parameters:
    ///   - phase: what was when it began.
    ///   - affected: for how many clients something had to change.
    ///   - tail: what came when they had it; the silence after that does not count as time.
    ///   - firstMaps: whether clients had lost their streams.
    ///   - isMeant: for which members something had to change.
    ///   - adjust: what else there is to say.
    /// - Returns: the report, which is kept as well.
    /// - Throws: `CancellationError`, and what an event loop throws that has ended.
    @discardableResult
    mutating func end(
        _ phase: Phase,
        affected: Int,
        tail: SwarmTail? = nil,
        firstMaps: Bool = false,
        isMeant: (Int) -> Bool = { _ in false },
        adjust: (inout SwarmPhaseReport) -> Void = { _ in }
    ) async throws -> SwarmPhaseReport {
        let tool = phase.costs.tool
        let server = phase.serverPID == serverPID ? phase.costs.serverSince : nil
        let silence = tail.map { $0.isQuiet ? ReportText.seconds(of: configuration.silence) : 0 } ?? 0
        let seconds = max(phase.costs.seconds - silence, 0)
        let progress = try await fleet.progress()
        let results = try await fleet.results()
        let judgement = self.judgement(results)
        func times(_ path: KeyPath<SwarmClientResult, NIODeadline?>) -> [Double] {
            results.filter { isMeant($0.member) }.compactMap { $0[keyPath: path] }.map {
                Double(($0 - phase.start).nanoseconds) / 1e9
            }
        }
        let done = times(\.exact)
        var report = SwarmPhaseReport(
            name: phase.name,
            outcome: judgement.outcome,
            affected: affected,
            doneSeconds: judgement.isExact ? done.max() : nil,
            done: Distribution(done),
            firstMap: firstMaps ? Distribution(times(\.firstMap)) : nil,
            tail: tail,
            messages: progress.messages - phase.progress.messages,
            wireBytes: progress.wireBytes - phase.progress.wireBytes,
            seconds: seconds,
            serverCPUSeconds: server?.cpuSeconds,
            serverCPUPercent: server.map { $0.cpuSeconds / max(seconds, 0.001) * 100 },
            toolCPUSeconds: tool.cpuSeconds
        )
        adjust(&report)
        phases.append(report)
        return report
    }

    /// The members that are not held back.
    var present: NodeSet {
        NodeSet(configuration.members.indices.filter { !held.contains($0) }.map { NodeSlot($0) })
    }

    private func judgement(_ results: [SwarmClientResult]) -> SwarmJudgement {
        SwarmJudgement(
            results,
            isMesh: configuration.isMesh,
            policies: policies,
            names: configuration.members.map(\.hostname)
        )
    }

    // MARK: - The report

    private func seconds(_ time: NIODeadline) -> Double {
        Double((time - start).nanoseconds) / 1e9
    }

    private func report(
        _ results: [SwarmClientResult],
        _ progress: SwarmProgress,
        tool: SwarmReport.Tool,
        server: SwarmReport.Server?
    ) -> SwarmReport {
        let results = results.filter(\.isReleased)
        func times(_ path: KeyPath<SwarmClientResult, NIODeadline?>) -> [Double] {
            results.compactMap { $0[keyPath: path].map(seconds) }
        }
        func last(_ times: [Double]) -> Double? {
            times.count == results.count ? times.max() : nil
        }
        let registered = times(\.registered)
        let firstMap = times(\.firstMap)
        let judgement = self.judgement(results)
        return SwarmReport(
            outcome: judgement.outcome,
            nodes: results.count,
            registeredSeconds: last(registered),
            firstMapSeconds: last(firstMap),
            exactSeconds: nil,
            registered: Distribution(registered),
            firstMap: Distribution(firstMap),
            exact: Distribution(times(\.exact)),
            messages: progress.messages,
            keepAlives: progress.keepAlives,
            wireBytes: progress.wireBytes,
            strays: 0,
            leaks: 0,
            errors: [:],
            notes: [],
            phases: [],
            tool: tool,
            server: server
        )
    }

    /// What is only known at the very end.
    private func finish(_ joined: SwarmReport) async throws -> SwarmReport {
        var report = joined
        let results = try await fleet.results()
        let end = judgement(results)
        if !report.isExact { report.exactSeconds = nil }
        if report.isExact, !end.isExact { report.outcome = end.outcome }
        if report.isExact, let failed = phases.first(where: { $0.outcome != SwarmReport.exactOutcome }) {
            report.outcome = "in '\(failed.name)', \(failed.outcome)"
        }
        if isHopeless { report.outcome += "; the run ended there, since that cannot become exact" }
        report.strays = results.reduce(0) { $0 + $1.tally.strays }
        report.leaks = end.leaks
        report.errors = fleet.board.errors
        report.notes = notes
        report.phases = phases
        report.tool.rssPeakBytes = ProcessCost.own?.rssPeakBytes ?? report.tool.rssPeakBytes
        if let now = serverPID.flatMap({ ProcessCost(pid: $0) }) {
            report.server?.rssEndBytes = now.rssBytes
            report.server?.rssPeakBytes = max(joined.server?.rssPeakBytes ?? 0, now.rssPeakBytes)
            report.server?.idleCPUPercent = idleCPUPercent
        }
        return report
    }
}
