// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTesting
import NeedleTypes
import Testing

@Suite("REST v1: nodes", .timeLimit(.minutes(1)))
struct NodeRoutesTests {
    let harness = APIHarness()

    @Test("a node has addresses, and its key is masked")
    func gets() async throws {
        _ = try harness.gate.join("My Laptop", user: "alice")
        let answer = try await harness.call("GET", "/api/v1/node/1")
        #expect(answer["node", "ipAddresses"] as? [String] == ["100.64.0.1", "fd7a:115c:a1e0::1"])
        #expect(answer.string("node", "name") == "My Laptop")
        #expect(answer.string("node", "givenName") == "my-laptop")
        #expect(answer.string("node", "preAuthKey", "key")?.hasSuffix("-***") == true)
        #expect(answer.string("node", "machineKey")?.hasPrefix("mkey:") == true)
        #expect(answer.string("node", "nodeKey")?.hasPrefix("nodekey:") == true)
        #expect(answer.string("node", "discoKey")?.hasPrefix("discokey:") == true)
    }

    @Test("a tagged node has no user alone, and the pseudo user in lists")
    func tagged() async throws {
        _ = try harness.gate.join("server", user: nil, tags: ["tag:web"])
        let alone = try await harness.call("GET", "/api/v1/node/1")
        #expect(alone.text.contains(#""user":null"#))
        #expect(alone["node", "tags"] as? [String] == ["tag:web"])
        let list = try await harness.call("GET", "/api/v1/node")
        let user = try #require(list["nodes", "0", "user"] as? [String: Any])
        #expect(user["id"] as? String == "2147455555")
        #expect(user["name"] as? String == "tagged-devices")
    }

    @Test("the key of a node is null once it was deleted")
    func keyIsGone() async throws {
        _ = try harness.gate.join("laptop", user: "alice")
        _ = try harness.gate.perform(DeletePreAuthKey(key: PreAuthKeyID(1)))
        #expect(try await harness.call("GET", "/api/v1/node/1").text.contains(#""preAuthKey":null"#))
    }

    @Test("the list is by rising id, and of one user if asked")
    func lists() async throws {
        for (host, user) in [("a", "alice"), ("b", "bob"), ("c", "alice")] {
            _ = try harness.gate.join(host, user: user)
        }
        func names(_ answer: APIHarness.Answer) -> [String] {
            (answer["nodes"] as? [[String: Any]] ?? []).compactMap { $0["givenName"] as? String }
        }
        #expect(names(try await harness.call("GET", "/api/v1/node")) == ["a", "b", "c"])
        #expect(names(try await harness.call("GET", "/api/v1/node?user=alice")) == ["a", "c"])
        #expect(try await harness.call("GET", "/api/v1/node?user=carol").status == 404)
    }

    @Test("expiry: now, then, never")
    func expires() async throws {
        _ = try harness.gate.join("laptop", user: "alice")
        let now = try await harness.call("POST", "/api/v1/node/1/expire")
        #expect(now.string("node", "expiry") == "2026-05-28T20:26:40Z")
        let then = try await harness.call("POST", "/api/v1/node/1/expire", #"{"expiry":"2030-01-01T00:00:00+01:00"}"#)
        #expect(then.string("node", "expiry") == "2029-12-31T23:00:00Z")
        let never = try await harness.call("POST", "/api/v1/node/1/expire", #"{"disableExpiry":true}"#)
        #expect(never.text.contains(#""expiry":null"#))
        let both = #"{"disableExpiry":true,"expiry":"2030-01-01T00:00:00Z"}"#
        #expect(try await harness.call("POST", "/api/v1/node/1/expire", both).status == 400)
        #expect(try await harness.call("POST", "/api/v1/node/2/expire", "{}").status == 404)
    }

    @Test("renaming")
    func renames() async throws {
        _ = try harness.gate.join("a", user: "alice")
        _ = try harness.gate.join("b", user: "alice")
        #expect(try await harness.call("POST", "/api/v1/node/1/rename/desk").string("node", "givenName") == "desk")
        #expect(try await harness.call("POST", "/api/v1/node/1/rename/b").status == 400)
        #expect(try await harness.call("POST", "/api/v1/node/1/rename/Not%20A%20Label").status == 400)
        #expect(try await harness.call("POST", "/api/v1/node/9/rename/c").status == 404)
    }

    @Test("tags replace the user, and cannot be taken away")
    func tags() async throws {
        _ = try harness.gate.join("a", user: "alice")
        let answer = try await harness.call("POST", "/api/v1/node/1/tags", #"{"tags":["tag:b","tag:a","tag:a"]}"#)
        #expect(answer["node", "tags"] as? [String] == ["tag:a", "tag:b"])
        #expect(try await harness.call("POST", "/api/v1/node/1/tags", #"{"tags":[]}"#).status == 400)
        #expect(try await harness.call("POST", "/api/v1/node/1/tags", "{}").status == 400)
        #expect(try await harness.call("POST", "/api/v1/node/1/tags", #"{"tags":["web"]}"#).status == 400)
    }

    @Test("deleting")
    func deletes() async throws {
        _ = try harness.gate.join("a", user: "alice")
        #expect(try await harness.call("DELETE", "/api/v1/node/1").text == "{}")
        #expect(try await harness.call("DELETE", "/api/v1/node/1").status == 404)
    }
}
