// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTesting
import NeedleTypes
import Testing

@Suite("nodes approve-routes and list-routes", .timeLimit(.minutes(1)))
struct NodeRoutesCommandTests {
    private func withRouter(_ body: (CommandHarness) async throws -> Void) async throws {
        try await CommandHarness.withServer { harness in
            let routes = ["10.0.0.0/24", "0.0.0.0/0", "::/0"].compactMap { IPPrefix(text: $0) }
            _ = try harness.gate.join("router", user: "alice", routes: routes)
            _ = try harness.gate.join("laptop", user: "alice")
            try await body(harness)
        }
    }

    private func approved(_ harness: CommandHarness) -> [String]? {
        harness.gate.snapshot.node(NodeID(1))?.record.approvedRoutes.map(\.description)
    }

    @Test("the table has headscale's columns, and nodes with routes alone")
    func table() async throws {
        try await withRouter { harness in
            _ = await harness.run("nodes", "approve-routes", "-i", "1", "-r", "10.0.0.0/24,192.168.0.0/16")
            #expect(
                await harness.run("nodes", "list-routes").output == """
                    ID  HOSTNAME  APPROVED                     AVAILABLE                     SERVING (PRIMARY)
                    1   router    10.0.0.0/24, 192.168.0.0/16  10.0.0.0/24, 0.0.0.0/0, ::/0  10.0.0.0/24

                    """
            )
            for verb in ["lsr", "routes"] {
                let json = await harness.run("node", verb, "-i", "router", "-o", "json")
                #expect(json.array?.count == 1)
                #expect(json.array?.first?["subnetRoutes"] as? [String] == ["10.0.0.0/24"])
            }
            #expect(await harness.run("nodes", "list-routes", "-i", "laptop", "-o", "json").array?.count == 1)
            #expect(await harness.run("nodes", "list-routes", "-i", "9").status == 1)
        }
    }

    @Test("a tailnet without routes is told how there come to be some")
    func none() async throws {
        try await CommandHarness.withServer { harness in
            let outcome = await harness.run("nodes", "list-routes")
            #expect(outcome.output == "" && outcome.error.contains("--advertise-routes"))
        }
    }

    @Test("approving replaces, says what is not offered, and an empty text takes all away")
    func approves() async throws {
        try await withRouter { harness in
            let first = await harness.run("nodes", "approve-routes", "router", "--routes", "10.0.0.0/24, 10.9.0.0/16")
            #expect(
                first.output
                    == "node 1 'router' may serve 10.0.0.0/24, 10.9.0.0/16; it does not offer 10.9.0.0/16\n"
            )
            let second = await harness.run("nodes", "approve-routes", "-i", "1", "-r", "0.0.0.0/0")
            #expect(second.output == "node 1 'router' may serve 0.0.0.0/0, ::/0\n")
            #expect(approved(harness) == ["0.0.0.0/0", "::/0"])
            #expect(await harness.run("nodes", "show", "1").output.contains("serves        ::/0\n"))
            let none = await harness.run("nodes", "approve-routes", "-i", "1", "--routes", "")
            #expect(none.output == "node 1 'router' may serve no routes\n")
            #expect(approved(harness) == [])
        }
    }

    @Test("what is no route is refused, and leaving the routes out is no answer")
    func refuses() async throws {
        try await withRouter { harness in
            let outcome = await harness.run("nodes", "approve-routes", "-i", "1", "-r", "10.0.0.1")
            #expect(outcome.status == 1 && outcome.error.contains("'10.0.0.1' is not a route"))
            #expect(await harness.run("nodes", "approve-routes", "-i", "1").status == 64)
            #expect(await harness.run("nodes", "approve-routes", "-i", "9", "-r", "10.0.0.0/24").status == 1)
        }
    }
}
