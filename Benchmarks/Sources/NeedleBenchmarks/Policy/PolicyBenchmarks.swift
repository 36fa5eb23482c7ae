// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Benchmark
import NeedlePolicy
import NeedleTypes

extension BenchmarkSuite {
    /// The policy graph at 10,000 nodes and 15,000 rules; the previous graph is always kept, as snapshots keep it.
    static let policy = BenchmarkSuite(name: "policy") { suite in
        func register(
            _ name: String,
            operations: Int = 1,
            before: @escaping (PolicyFixture) throws -> Void = { _ in },
            bytes: ((PolicyFixture) -> Int)? = nil,
            body: @escaping (PolicyFixture) throws -> Void
        ) {
            suite.register(
                benchmark: Subject(
                    name,
                    operations: operations,
                    make: PolicyFixture.init,
                    before: before,
                    bytes: bytes,
                    body: body
                )
            )
        }
        // First, while the process holds little that could be used again.
        register("policy and graph in memory", bytes: { $0.residentBytes }) {
            keep($0.graph.peersStamp(of: NodeSlot(0)))
        }
        register("read and compile 15000 rules", bytes: { $0.workload.text.count }) {
            keep(try Policy(text: $0.workload.text))
        }
        register("build for 10000 nodes") { keep(PolicyGraph(policy: $0.policy, nodes: $0.nodes)) }
        register("one node joins", before: { $0.takeOneOut() }) { $0.putBack() }
        register("one node changes its tags", before: { $0.chooseOne() }) { $0.changeTags() }
        register("a new policy, read already") {
            keep(PolicyGraph(policy: $0.edited, tailnet: TailnetFacts(), replacing: $0.graph))
        }
        register("a new policy from its text") {
            let edited = try Policy(text: $0.workload.editedText)
            keep(PolicyGraph(policy: edited, tailnet: TailnetFacts(), replacing: $0.graph))
        }
        register("peers of a node", operations: 100) { fixture in
            for slot in 0..<100 { keep(fixture.graph.peers(of: NodeSlot(slot * 97)).count) }
        }
        register("versions of a node's filter", operations: 10) { fixture in
            for slot in 0..<10 { keep(fixture.graph.filterChunks(of: NodeSlot(slot * 971)).count) }
        }
    }
}

/// A graph of many nodes and rules, and one node that comes and goes.
final class PolicyFixture {
    let workload = PolicyWorkload()
    let nodes: [NodeFacts]
    let policy: Policy
    let edited: Policy
    private(set) var graph: PolicyGraph
    /// What reading the policy and building the graph took, and did not give back.
    let residentBytes: Int
    private var snapshot: PolicyGraph
    private var chosen: NodeFacts
    private var count = 0

    init() throws {
        nodes = workload.nodes(10_000)
        let before = ResidentMemory.bytes
        policy = try Policy(text: workload.text)
        graph = PolicyGraph(policy: policy, nodes: nodes)
        residentBytes = ResidentMemory.bytes - before
        edited = try Policy(text: workload.editedText)
        snapshot = graph
        chosen = nodes[0]
    }

    func chooseOne() {
        graph.update(chosen)
        count += 1
        chosen = nodes[count * 7_919 % nodes.count]
        snapshot = graph
    }

    func takeOneOut() {
        chooseOne()
        graph.remove(chosen.slot)
        snapshot = graph
    }

    func putBack() {
        graph.update(chosen)
        keep(snapshot.peersStamp(of: chosen.slot))
    }

    func changeTags() {
        var facts = chosen
        facts.user = nil
        facts.tags = facts.tags == [PolicyWorkload.tags[0]] ? [PolicyWorkload.tags[1]] : [PolicyWorkload.tags[0]]
        graph.update(facts)
        keep(snapshot.peersStamp(of: chosen.slot))
    }
}
