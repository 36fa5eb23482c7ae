// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTesting
import NeedleTypes
import Testing

@Suite("REST v1: users", .timeLimit(.minutes(1)))
struct UserRoutesTests {
    let harness = APIHarness()

    @Test("a user has every field, and ids are text")
    func creates() async throws {
        let answer = try await harness.call(
            "POST",
            "/api/v1/user",
            #"{"name":"alice","displayName":"Alice A.","email":"a@example.com","pictureUrl":"https://x/y.png"}"#
        )
        #expect(answer.status == 200)
        #expect(
            answer.text == """
                {"user":{"createdAt":"2026-05-28T20:26:40Z","displayName":"Alice A.","email":"a@example.com","id":"1",\
                "name":"alice","profilePicUrl":"https://x/y.png","provider":"","providerId":""}}
                """
        )
        #expect(answer.contentType == "application/json")
    }

    @Test(
        "the list can be narrowed down",
        arguments: [
            ("", ["alice", "bob"]), ("?id=2", ["bob"]), ("?name=alice", ["alice"]), ("?email=b@example.com", ["bob"]),
            ("?email=b%40example.com", ["bob"]), ("?name=nobody", []), ("?id=2&name=alice", []),
            ("?id=0", ["alice", "bob"]),
            ("?name=", ["alice", "bob"]),
        ]
    )
    func lists(query: String, names: [String]) async throws {
        _ = try harness.gate.perform(CreateUser(name: "alice"))
        _ = try harness.gate.perform(CreateUser(name: "bob", email: "b@example.com"))
        let answer = try await harness.call("GET", "/api/v1/user" + query)
        let users = try #require(answer["users"] as? [[String: Any]])
        #expect(users.compactMap { $0["name"] as? String } == names)
    }

    @Test("a new name may hold whatever a path can encode")
    func renames() async throws {
        _ = try harness.gate.perform(CreateUser(name: "alice"))
        let answer = try await harness.call("POST", "/api/v1/user/1/rename/al%2Eice%40example.com")
        #expect(answer.string("user", "name") == "al.ice@example.com")
        #expect(try await harness.call("POST", "/api/v1/user/1/rename/a%2Fb").status == 400)
        #expect(harness.gate.snapshot.user(named: "al.ice@example.com") != nil)
    }

    @Test("a user with nodes stays, and the refusal says what to do")
    func refusesToDestroy() async throws {
        _ = try harness.gate.join("laptop", user: "alice")
        let answer = try await harness.call("DELETE", "/api/v1/user/1")
        #expect(answer.status == 400)
        #expect(answer.string("detail")?.contains("needletail nodes delete") == true)
        #expect(answer.string("title") == "Bad Request")
        #expect(answer["status"] as? Int == 400)
        #expect(harness.gate.snapshot.allUsers.count == 1)
    }

    @Test("a renamed user keeps the id; the old name is free")
    func frees() async throws {
        _ = try harness.gate.perform(CreateUser(name: "alice"))
        #expect(try await harness.call("POST", "/api/v1/user/1/rename/bob").string("user", "id") == "1")
        #expect(try await harness.call("POST", "/api/v1/user", #"{"name":"alice"}"#).string("user", "id") == "2")
        #expect(try await harness.call("POST", "/api/v1/user/2/rename/bob").status == 409)
    }
}
