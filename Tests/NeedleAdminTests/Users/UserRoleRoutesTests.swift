// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTesting
import NeedleTypes
import Testing

@Suite("REST v1: roles of users", .timeLimit(.minutes(1)))
struct UserRoleRoutesTests {
    let harness = APIHarness()

    @Test("the first user is the owner, and others are members, unless a role is given")
    func creates() async throws {
        for body in [#"{"name":"alice"}"#, #"{"name":"bob"}"#, #"{"name":"carol","role":"network-admin"}"#] {
            #expect(try await harness.call("POST", "/api/v1/user", body).status == 200)
        }
        #expect(harness.gate.snapshot.allUsers.map(\.role) == [.owner, .member, .networkAdmin])
        let list = try await harness.call("GET", "/api/v1/user?fields=all")
        let users = try #require(list["users"] as? [[String: Any]])
        #expect(users.map { $0["role"] as? String } == ["owner", "member", "network-admin"])
        let plain = try await harness.call("GET", "/api/v1/user")
        #expect(!plain.text.contains("role"), "headscale's object has no such field")
    }

    @Test("an unknown role is refused with those that there are")
    func unknown() async throws {
        let answer = try await harness.call("POST", "/api/v1/user", #"{"name":"alice","role":"king"}"#)
        #expect(answer.status == 400)
        #expect(answer.string("detail")?.contains("it-admin, billing-admin") == true)
        #expect(harness.gate.snapshot.allUsers.isEmpty)
    }

    @Test("a role can be changed; a new owner makes the former one an admin")
    func changes() async throws {
        _ = try harness.gate.user(named: "alice")
        _ = try harness.gate.user(named: "bob")
        let answer = try await harness.call("POST", "/api/v1/user/2/role?fields=all", #"{"role":"owner"}"#)
        #expect(answer.string("user", "role") == "owner")
        #expect(harness.gate.snapshot.allUsers.map(\.role) == [.admin, .owner])
        #expect(try await harness.call("POST", "/api/v1/user/2/role", #"{"role":"member"}"#).status == 400)
        #expect(try await harness.call("POST", "/api/v1/user/9/role", #"{"role":"member"}"#).status == 404)
        #expect(try await harness.call("POST", "/api/v1/user/1/role", "{}").status == 400)
    }
}
