// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedlePolicy
import NeedleTypes
import Testing

/// Tailnets of thousands of nodes and rules, for which ../shared/bench/workload.py says how many peers each node has.
@Suite struct WorkloadTests {
    @Test(
        "every node has as many peers as the rules give it, before an edit and after",
        .enabled(if: Workload.isAvailable, "needs ../shared/bench/workload.py and a Python"),
        .timeLimit(.minutes(10)),
        arguments: Workload.chosen
    )
    func peerCounts(of chosen: Workload.Choice) throws {
        let workload = try Workload(chosen)
        let graph = PolicyGraph(policy: try Policy(text: workload.policy), nodes: workload.nodes)
        #expect(wrong(graph, workload.peers).isEmpty)
        let edited = PolicyGraph(
            policy: try Policy(text: workload.editedPolicy),
            tailnet: TailnetFacts(),
            replacing: graph
        )
        #expect(wrong(edited, workload.editedPeers).isEmpty)
        #expect(workload.nodes.contains { graph.filterStamp(of: $0.slot) != edited.filterStamp(of: $0.slot) })
    }

    /// The nodes that have another number of peers, the first few.
    private func wrong(_ graph: PolicyGraph, _ peers: [Int]) -> [Int] {
        Array(peers.indices.filter { graph.peers(of: NodeSlot($0)).count != peers[$0] }.prefix(10))
    }
}
