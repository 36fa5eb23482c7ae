// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedlePolicy
import NeedleTypes
import NeedleWire
import Testing

/// Tailscale's own service answered these policies; ours have to be the same.
@Suite struct GoldenTests {
    @Test("the recorded cases are there", .enabled(if: GoldenCase.isRequired))
    func presence() {
        #expect(GoldenCase.paths.count >= 509, "no recorded cases in \(GoldenCase.folder)")
    }

    @Test("agrees with the recorded answer", .enabled(if: !GoldenCase.paths.isEmpty), arguments: GoldenCase.paths)
    func agrees(path: String) throws {
        let recorded = try GoldenCase(path: path)
        let evaluation: PolicyEvaluation
        do throws(PolicyError) {
            evaluation = try PolicyEvaluation(
                text: Array(recorded.policy.utf8),
                tailnet: recorded.tailnet,
                nodes: recorded.nodes
            )
        } catch {
            #expect(recorded.status != 200, "refused: \(error)")
            if recorded.status == 400 { #expect(error.description.contains(recorded.message)) }
            return
        }
        try #require(recorded.status == 200, "accepted, should be refused: \(recorded.message)")
        for (slot, name) in recorded.names.enumerated() {
            guard let expected = recorded.expected[name] else { continue }
            try compare(evaluation.view(of: NodeSlot(slot)), expected, recorded, name: name)
        }
    }

    private func compare(
        _ view: PolicyEvaluation.NodeView,
        _ expected: JSON,
        _ recorded: GoldenCase,
        name: String
    ) throws {
        let rules = try GoldenComparison.filter(.array(view.packetFilter.map { try GoldenComparison.json($0) }))
        #expect(rules == GoldenComparison.filter(expected["packetFilter"]), "filter of \(name)")
        #expect(
            GoldenComparison.access(view.own)
                == GoldenComparison.access(expected["self"], addresses: addresses(view.own)),
            "routes of \(name)"
        )
        let peers = expected["peers"].object ?? [:]
        #expect(view.peers.map { recorded.names[$0.slot.index] }.sorted() == peers.keys.sorted(), "peers of \(name)")
        for peer in view.peers {
            guard let expected = peers[recorded.names[peer.slot.index]] else { continue }
            #expect(
                GoldenComparison.access(peer.access)
                    == GoldenComparison.access(expected, addresses: addresses(peer.access)),
                "routes of \(recorded.names[peer.slot.index]) as seen by \(name)"
            )
            let capabilities = try GoldenComparison.capabilities(GoldenComparison.json(peer.access.capMap))
            #expect(capabilities == GoldenComparison.capabilities(expected["capMap"]), "peer capabilities at \(name)")
        }
        if recorded.category == "nodeattrs" {
            let capabilities = try GoldenComparison.capabilities(GoldenComparison.json(view.capabilities))
            #expect(
                capabilities == GoldenComparison.capabilities(expected["self"]["capMap"]),
                "capabilities of \(name)"
            )
        }
        if recorded.category.hasPrefix("ssh") {
            let ssh = try view.sshPolicy.map { try GoldenComparison.ssh(GoldenComparison.json($0)) } ?? []
            #expect(ssh == GoldenComparison.ssh(expected["sshPolicy"]), "SSH policy of \(name)")
        }
    }

    /// Recorded entries leave the routes out when there are only addresses.
    private func addresses(_ access: PeerAccess) -> [String] {
        access.allowedIPs.filter {
            $0.isSingle && ($0.description.hasPrefix("100.") || $0.description.hasPrefix("fd7a:"))
        }
        .map(\.description)
    }
}
