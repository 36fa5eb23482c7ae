// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedlePolicy
import NeedleTesting
import NeedleTypes
import Testing

@Suite("REST v1: routes of nodes", .timeLimit(.minutes(1)))
struct NodeApprovalTests {
    let harness = APIHarness()

    private func routes(_ texts: String...) -> [IPPrefix] { texts.compactMap { IPPrefix(text: $0) } }

    private func approve(_ id: Int, _ routes: String) async throws -> APIHarness.Answer {
        try await harness.call("POST", "/api/v1/node/\(id)/approve_routes", #"{"routes":\#(routes)}"#)
    }

    @Test("offered, approved and served are three things")
    func threeLists() async throws {
        _ = try harness.gate.join("router", user: "alice", routes: routes("10.0.0.0/24", "10.1.0.0/24"))
        let before = try await harness.call("GET", "/api/v1/node/1")
        #expect(before["node", "availableRoutes"] as? [String] == ["10.0.0.0/24", "10.1.0.0/24"])
        #expect(before["node", "approvedRoutes"] as? [String] == [])
        #expect(before["node", "subnetRoutes"] as? [String] == [])
        let answer = try await approve(1, #"["10.1.0.0/24","192.168.0.0/16"]"#)
        #expect(answer.status == 200)
        #expect(answer["node", "approvedRoutes"] as? [String] == ["10.1.0.0/24", "192.168.0.0/16"])
        #expect(answer["node", "subnetRoutes"] as? [String] == ["10.1.0.0/24"])
        let list = try await harness.call("GET", "/api/v1/node")
        #expect(list["nodes", "0", "subnetRoutes"] as? [String] == ["10.1.0.0/24"])
    }

    @Test("approving replaces what was approved, and nothing approves nothing")
    func replaces() async throws {
        _ = try harness.gate.join("router", user: "alice", routes: routes("10.0.0.0/24"))
        _ = try await approve(1, #"["10.0.0.0/24"]"#)
        let answer = try await approve(1, "[]")
        #expect(answer["node", "approvedRoutes"] as? [String] == [])
        #expect(answer["node", "subnetRoutes"] as? [String] == [])
    }

    @Test("one exit route stands for both", arguments: ["0.0.0.0/0", "::/0"])
    func exitRoutes(route: String) async throws {
        _ = try harness.gate.join("exit", user: "alice", routes: routes("0.0.0.0/0", "::/0"))
        let answer = try await approve(1, #"["\#(route)"]"#)
        #expect(answer["node", "approvedRoutes"] as? [String] == ["0.0.0.0/0", "::/0"])
        #expect(answer["node", "subnetRoutes"] as? [String] == ["0.0.0.0/0", "::/0"])
    }

    @Test("of two nodes with one route, one serves it")
    func primary() async throws {
        for name in ["one", "two"] { _ = try harness.gate.join(name, user: "alice", routes: routes("10.0.0.0/24")) }
        for id in 1...2 { _ = try await approve(id, #"["10.0.0.0/24"]"#) }
        let list = try await harness.call("GET", "/api/v1/node")
        #expect(list["nodes", "0", "subnetRoutes"] as? [String] == ["10.0.0.0/24"])
        #expect(list["nodes", "1", "subnetRoutes"] as? [String] == [])
    }

    @Test("what is no route is refused", arguments: [#"["10.0.0.0"]"#, #"["ten"]"#, #"["10.0.0.0/33"]"#, #"[""]"#])
    func refuses(routes: String) async throws {
        _ = try harness.gate.join("router", user: "alice")
        let answer = try await approve(1, routes)
        #expect(answer.status == 400)
        #expect(answer.string("detail")?.contains("10.0.0.0/24") == true)
        #expect(harness.gate.snapshot.node(NodeID(1))?.record.approvedRoutes == [])
    }

    @Test("a tag without owners is refused once the policy has owners, with the nearest that has")
    func tags() async throws {
        _ = try harness.gate.join("laptop", user: "alice")
        let policy = try Policy(text: Array(#"{"tagOwners": {"tag:server": []}}"#.utf8))
        _ = try harness.gate.perform(SetPolicy(policy, origin: .file))
        let refused = try await harness.call("POST", "/api/v1/node/1/tags", #"{"tags":["tag:servr"]}"#)
        #expect(refused.status == 400)
        #expect(refused.string("detail")?.contains("did you mean tag:server") == true)
        #expect(try await harness.call("POST", "/api/v1/node/1/tags", #"{"tags":["tag:server"]}"#).status == 200)
    }
}
