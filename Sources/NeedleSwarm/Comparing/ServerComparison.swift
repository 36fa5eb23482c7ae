// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NIOPosix
internal import NeedleTypes
internal import NeedleWire

/// Lets the same fleet join two servers, and compares what each client is told.
package struct ServerComparison: Sendable {
    /// One of the two servers.
    package struct Side: Sendable {
        /// Where it is.
        package var target: ControlTarget
        /// The auth keys' texts by the names that the roster uses.
        package var keys: [String: String]

        /// A server, and what lets the fleet in.
        package init(target: ControlTarget, keys: [String: String]) {
            self.target = target
            self.keys = keys
        }
    }

    /// Clients that ask at a time.
    private static let atOnce = 8
    /// What one client's connection and handshake may take.
    private static let connectTimeLimit = Duration.seconds(60)

    private let plan: SwarmPlan
    /// What one answer may take.
    private let timeLimit: Duration
    private let visibility: PlainVisibility

    /// - Throws: ``PlanError`` if the plan's policy is not understood.
    private init(_ plan: SwarmPlan, timeLimit: Duration) throws {
        self.plan = plan
        self.timeLimit = timeLimit
        visibility = try PlainVisibility(PlainPolicy(plan.policy), plan.roster)
    }

    /// Compares.
    ///
    /// Every client joins both servers, so that all exist; then each asks again, one after another, and what both say is
    /// compared and forgotten.
    ///
    /// - Parameters:
    ///   - plan: the fleet, for which both servers have the users, and the same policy.
    ///   - one: the first server.
    ///   - other: the second.
    ///   - timeLimit: for a registration's answer, and for a first map.
    ///   - progress: called with a sentence now and then.
    /// - Returns: what differs.
    /// - Throws: ``PlanError`` if a key is missing, the policy is not understood, or a server cannot be reached.
    package static func run(
        _ plan: SwarmPlan,
        _ one: Side,
        _ other: Side,
        timeLimit: Duration = .seconds(300),
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> ComparisonReport {
        let comparison = try ServerComparison(plan, timeLimit: timeLimit)
        // One error for a server that is down, not one for each client.
        for side in [one, other] { try await check(side.target) }
        progress("joining \(plan.roster.nodes.count) clients to a")
        let left = try await comparison.join(one)
        progress("joining them to b")
        let right = try await comparison.join(other)
        progress("comparing")
        return try await comparison.compare(left, right)
    }

    /// Connects once, as a client does that has not joined.
    private static func check(_ target: ControlTarget) async throws {
        let client = try SimulatedClient(to: target, hostname: "check")
        client.options.timeLimit = connectTimeLimit
        do {
            try await client.connect()
            try await client.close()
        } catch let error as ClientError {
            throw PlanError(
                "no client can connect to \(target.url): \(error); check that a control server runs there, and that "
                    + "scheme, host and port are those that it listens on"
            )
        }
    }

    // MARK: - Joining

    /// A server with all clients in it.
    private struct Joined {
        var clients: [Int: SimulatedClient] = [:]
        var names = NodeNames([])
        var failures: [Int: String] = [:]
    }

    private func join(_ side: Side) async throws -> Joined {
        let nodes = plan.roster.nodes
        for node in nodes where side.keys[node.key] == nil {
            throw PlanError("there is no auth key for '\(node.key)' at \(side.target.authority)")
        }
        var joined = Joined()
        var own: [(name: String, id: NodeID, addresses: [IPPrefix])] = []
        // Nodes that need certain addresses join first, in the order of these.
        let ranked = nodes.indices.filter { nodes[$0].address != nil }
            .sorted { Self.rank(nodes[$0]) < Self.rank(nodes[$1]) }
        let rest = nodes.indices.filter { nodes[$0].address == nil }
        for (members, width) in [(ranked, 1), (rest, Self.atOnce)] {
            try await inParallel(members, width) { member in
                try await join(nodes[member], side)
            } each: { member, result in
                switch result {
                case .success((let client, let map)):
                    joined.clients[member] = client
                    if let node = map.node { own.append((PlainMap.name(node), node.id, node.addresses)) }
                case .failure(let error): joined.failures[member] = "\(error)"
                }
            }
        }
        joined.names = NodeNames(own)
        return joined
    }

    private static func rank(_ node: Roster.Node) -> UInt128 {
        node.address.flatMap { IPAddress(text: $0) }?.bits ?? 0
    }

    private func join(_ node: Roster.Node, _ side: Side) async throws -> (SimulatedClient, ClientMap) {
        let client = try SimulatedClient(
            to: side.target,
            hostname: node.hostname,
            authKey: side.keys[node.key] ?? ""
        )
        client.options.timeLimit = timeLimit
        client.options.connectTimeLimit = Self.connectTimeLimit
        client.options.hostinfo.os = node.osname
        let stream = try await client.join()
        let map = try await stream.firstMap(timeLimit: timeLimit)
        try await client.close()
        return (client, map)
    }

    // MARK: - Comparing

    private func compare(_ left: Joined, _ right: Joined) async throws -> ComparisonReport {
        let nodes = plan.roster.nodes
        var failures: [String: String] = [:]
        for (member, text) in left.failures { failures[nodes[member].hostname] = "a: \(text)" }
        for (member, text) in right.failures { failures[nodes[member].hostname] = "b: \(text)" }
        var found: [(client: String, differences: [MapDifference])] = []
        let members = nodes.indices.filter { left.clients[$0] != nil && right.clients[$0] != nil }
        let places = Dictionary(
            nodes.enumerated().map { ($0.element.hostname.lowercased(), $0.offset) },
            uniquingKeysWith: { first, _ in first }
        )
        let visibility = self.visibility
        try await inParallel(members, Self.atOnce) { member in
            guard let one = left.clients[member], let other = right.clients[member] else { return [MapDifference]() }
            let maps = (try await map(of: one, left.names), try await map(of: other, right.names))
            return MapDifference.all(maps.0, maps.1) { name in
                places[name].map { visibility.allows(member, toSee: $0) }
            }
        } each: { member, result in
            switch result {
            case .success(let differences): found.append((nodes[member].hostname, differences))
            case .failure(let error): failures[nodes[member].hostname] = "\(error)"
            }
        }
        return ComparisonReport(found, failures: failures)
    }

    private func map(of client: SimulatedClient, _ names: NodeNames) async throws -> PlainMap {
        try await client.connect()
        let stream = try await client.startMap()
        let map = try await stream.firstMap(timeLimit: timeLimit)
        try await client.close()
        return PlainMap(map, names)
    }

    /// Does something for each member, a few at a time; `each` is called for one after another.
    private func inParallel<Value: Sendable>(
        _ members: [Int],
        _ width: Int,
        _ body: @escaping @Sendable (Int) async throws -> Value,
        each: (Int, Result<Value, any Error>) -> Void
    ) async throws {
        await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
            for (index, member) in members.enumerated() {
                if index >= width, let (member, result) = await group.next() { each(member, result) }
                group.addTask {
                    do {
                        return (member, .success(try await body(member)))
                    } catch {
                        return (member, .failure(error))
                    }
                }
            }
            for await (member, result) in group { each(member, result) }
        }
        try Task.checkCancellation()
    }
}
