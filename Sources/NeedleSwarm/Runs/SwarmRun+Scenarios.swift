// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleTypes

extension SwarmRun {
    // MARK: - Reconnecting

    /// All streams drop at once; if the server may be restarted, because it was killed.
    mutating func reconnect() async throws {
        let goals = try await fleet.results()
        let phase = try await begin(.reconnect)
        if let restart = configuration.control.restart {
            serverPID = try await restart()
            try await waitUntilLost(goals)
        } else {
            try await fleet.dropAll()
        }
        try await waitUntilDone()
        let tail = try await settle()
        let released = goals.filter(\.isReleased).count
        let wrong = zip(goals, try await fleet.results()).count { $0.wrongMapsAfterBreaks < $1.wrongMapsAfterBreaks }
        try await end(
            phase,
            affected: released,
            tail: tail,
            firstMaps: true,
            isMeant: { _ in true },
            adjust: { report in
                report.wrongMaps = wrong
                guard wrong > 0 else { return }
                let fault = "\(wrong) clients came back to a map with too few or too many peers"
                report.outcome = report.outcome == SwarmReport.exactOutcome ? fault : report.outcome + ", " + fault
                report.doneSeconds = nil
            }
        )
    }

    /// Until each client has noticed that its stream is gone, or has another.
    private func waitUntilLost(_ before: [SwarmClientResult]) async throws {
        let end = NIODeadline.now() + .seconds(10)
        while NIODeadline.now() < end {
            let now = try await fleet.results()
            if zip(before, now).allSatisfy({ $0.firstMap != $1.firstMap || !$0.isReleased }) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    // MARK: - Policies

    /// The second policy, which everybody's filter changes with, and the first again.
    mutating func changePolicies() async throws {
        guard let plan = configuration.plan, let second = plan.policy2 else { return }
        try await set(second, .policy)
        if !isHopeless { try await set(plan.policy, .policy) }
    }

    /// A policy that few need to hear of, and the first again.
    mutating func editPolicy() async throws {
        guard let plan = configuration.plan, let small = plan.policySmall else { return }
        try await set(small, .edit)
        if !isHopeless { try await set(plan.policy, .edit) }
    }

    private mutating func set(_ text: String, _ scenario: SwarmScenario) async throws {
        guard let plan = configuration.plan, let setPolicy = configuration.control.setPolicy,
            let before = policies.last
        else { return }
        let after = try PlainVisibility(PlainPolicy(text), plan.roster)
        let filters = before.nodesWithOtherFilter(after)
        let touched = filters.union(before.nodesWithOtherPeers(after))
        let expected = after.expectedPeers(present: present)
        // The port that marks the second policy goes when the first comes again; then any filter will do.
        let isMarked = plan.roster.markerPort == SwarmPlan.markerPort && text != plan.policy
        let held = self.held
        try await fleet.pursue { member in
            guard !held.contains(member) else { return nil }
            let needsFilter = filters.contains(NodeSlot(member))
            return SwarmGoal(
                expectedPeers: expected[member],
                needsFilter: needsFilter,
                needsMarker: needsFilter && isMarked
            )
        }
        policies.append(after)
        policy = text
        let phase = try await begin(scenario)
        try await setPolicy(text)
        try await waitUntilDone()
        let tail = try await settle()
        let affected = touched.intersection(present)
        let others = try await fleet.results().filter { $0.isReleased && !touched.contains(NodeSlot($0.member)) }
        let untouched = others.reduce(0) { $0 + $1.messages }
        try await end(
            phase,
            affected: affected.count,
            tail: tail,
            isMeant: { touched.contains(NodeSlot($0)) },
            adjust: { $0.untouchedMessages = untouched }
        )
    }

    // MARK: - Newcomers

    /// Those who were held back join one by one; until all who must know each of them do.
    mutating func admitNewcomers() async throws {
        guard let visibility = policies.last else { return }
        let phase = try await begin(.newcomer)
        var times: [Double] = []
        var own: [Double] = []
        var touched = 0
        for member in held.sorted() where !isHopeless {
            held.remove(member)
            let (others, newcomer) = try await admit(member, visibility)
            touched += others.count
            if let last = others.max() { times.append(last) }
            if let newcomer { own.append(newcomer) }
        }
        let tail = try await settle()
        try await end(
            phase,
            affected: touched,
            tail: tail,
            adjust: { report in
                report.done = Distribution(own)
                report.doneSeconds = own.max()
                report.delivery = Distribution(times)
            }
        )
    }

    /// Lets one client join, and waits.
    ///
    /// - Returns: how long it took from its first byte until each of its peers knew it, and until it knew all of them.
    private mutating func admit(
        _ member: Int,
        _ visibility: PlainVisibility
    ) async throws -> (others: [Double], own: Double?) {
        let expected = visibility.expectedPeers(present: present)
        let held = self.held
        let before = try await fleet.results()
        try await fleet.pursue { other in
            // Whoever's number of peers stays has nothing to see.
            guard !held.contains(other), other == member || before[other].goal.expectedPeers != expected[other] else {
                return nil
            }
            return SwarmGoal(expectedPeers: expected[other])
        }
        let start = NIODeadline.now()
        try await fleet.release(1) { $0 == member }
        try await waitUntilDone()
        let results = try await fleet.results()
        func seconds(_ time: NIODeadline) -> Double { Double((time - start).nanoseconds) / 1e9 }
        let others = results.filter { result in
            result.member != member && before[result.member].goal.expectedPeers != expected[result.member]
        }
        return (others.compactMap(\.exact).map(seconds), results[member].exact.map(seconds))
    }

    // MARK: - Churn

    /// Nodes change their endpoints, and some go and come, at a rate.
    mutating func churn() async throws {
        let phase = try await begin(.churn)
        _ = try await fleet.takeDeliveries()
        let expected = try await fleet.results().map { $0.isReleased ? $0.goal.expectedPeers : 0 }
        var changed: Set<Int> = []
        var left: Set<Int> = []
        var order = configuration.members.indices.filter { !held.contains($0) }.shuffled()
        let perSecond = max(Double(order.count) * configuration.churnShare, 1)
        let events = min(Int(perSecond * ReportText.seconds(of: configuration.churnTime)), order.count)
        for event in 0..<events {
            guard let member = order.popLast() else { break }
            let due = phase.start + .nanoseconds(Int64(Double(event) / perSecond * 1e9))
            if due > .now() { try await Task.sleep(for: .nanoseconds((due - .now()).nanoseconds)) }
            if event % 10 == 9 {
                try await fleet.leave(member, for: .seconds(2))
                left.insert(member)
            } else if try await fleet.change(member) {
                changed.insert(member)
            }
        }
        // The last who left come again.
        try await Task.sleep(for: .seconds(left.isEmpty ? 0 : 3))
        try await waitUntilDone()
        let wanted = changed.reduce(0) { $0 + expected[$1] }
        let times = try await waitForDeliveries(wanted)
        let tail = try await settle()
        try await end(
            phase,
            affected: changed.count + left.count,
            tail: tail,
            adjust: { report in
                report.delivery = times.distribution
                report.delivered = wanted == 0 ? nil : Double(times.total) / Double(wanted)
            }
        )
    }

    /// Waits a little for what is still on its way.
    private func waitForDeliveries(_ wanted: Int) async throws -> DeliveryTimes {
        var times = try await fleet.takeDeliveries(forgets: false)
        for _ in 0..<50 where times.total < wanted {
            try await Task.sleep(for: .milliseconds(100))
            times = try await fleet.takeDeliveries(forgets: false)
        }
        return try await fleet.takeDeliveries()
    }

    // MARK: - Soak

    /// Everything that this run can do, by turns.
    mutating func soak() async throws {
        let end = NIODeadline.now() + TimeAmount(configuration.soakTime)
        while NIODeadline.now() < end, !isHopeless {
            log.phase = "soak: churn"
            try await churn()
            if !isHopeless, configuration.control.setPolicy != nil, configuration.plan?.policy2 != nil {
                log.phase = "soak: policy"
                try await changePolicies()
            }
            guard !isHopeless else { return }
            log.phase = "soak: reconnect"
            try await reconnect()
        }
    }
}
