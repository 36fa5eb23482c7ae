// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Benchmark
import NeedleModel
import NeedleTypes
import NeedleWire

extension BenchmarkSuite {
    /// One node more: from the request, decoded, to the published snapshot; without storage and without telling others.
    static let joining = BenchmarkSuite(name: "join") { suite in
        for nodes in [1_000, 10_000] {
            suite.register(
                benchmark: Subject(
                    "one node into \(nodes)",
                    make: { try JoiningFixture(nodes: nodes) },
                    before: { $0.prepare() },
                    after: { try $0.leave() },
                    body: { try $0.join() }
                )
            )
        }
    }
}

/// A tailnet and a node that comes and goes.
final class JoiningFixture {
    private let population: Population
    private let authKey: String
    private var command: RegisterNode
    private var joined: NodeID?
    private var count = 0

    init(nodes: Int) throws {
        population = Population(nodes: nodes)
        authKey = try population.authKey()
        command = RegisterNode(Registration(machineKey: population.newKey(), request: RegisterRequest()))
        // The first use of a key marks it as used, which is no part of what is measured.
        prepare()
        try join()
        try leave()
    }

    func prepare() {
        count += 1
        var request = RegisterRequest()
        request.version = .current
        request.nodeKey = population.newKey()
        request.auth = RegisterRequestAuth(authKey: authKey)
        var hostinfo = Hostinfo()
        hostinfo.hostname = "newcomer-\(count)"
        hostinfo.os = "linux"
        request.hostinfo = hostinfo
        command = RegisterNode(Registration(machineKey: population.newKey(), request: request))
    }

    func join() throws {
        guard case .accepted(let node, _) = try population.run(command) else { throw MissingNode() }
        joined = node.record.id
    }

    func leave() throws {
        if let joined { try population.run(DeleteNode(node: joined)) }
        joined = nil
    }
}
