// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleModel
import NeedleTesting
import NeedleTypes
import Testing

@Suite("REST v1: pre-auth keys", .timeLimit(.minutes(1)))
struct PreAuthKeyRoutesTests {
    let harness = APIHarness()

    @Test("the secret is in the answer to the creation, and nowhere after")
    func creates() async throws {
        _ = try harness.gate.user(named: "alice")
        let created = try await harness.call(
            "POST",
            "/api/v1/preauthkey",
            #"{"user":"1","reusable":true,"ephemeral":true,"expiration":"2026-05-28T21:26:40Z","aclTags":["tag:b","tag:a"]}"#
        )
        #expect(created.status == 200)
        let key = try #require(created.string("preAuthKey", "key"))
        #expect(key.wholeMatch(of: #/hskey-auth-[0-9a-f]{12}-[0-9a-f]{64}/#) != nil)
        #expect(created.string("preAuthKey", "user", "name") == "alice")
        #expect(created["preAuthKey", "aclTags"] as? [String] == ["tag:a", "tag:b"])
        #expect(created.string("preAuthKey", "expiration") == "2026-05-28T21:26:40Z")
        #expect(created["preAuthKey", "used"] as? Bool == false)

        let list = try await harness.call("GET", "/api/v1/preauthkey")
        #expect(list["preAuthKeys", "0", "key"] as? String == String(key.prefix(24)) + "***")
        #expect(!list.text.contains(key.suffix(64)))
        #expect(list["preAuthKeys", "0", "reusable"] as? Bool == true)
        #expect(list["preAuthKeys", "0", "ephemeral"] as? Bool == true)
    }

    @Test(
        "a key without an end carries the zero time, as in headscale",
        arguments: [
            #"{"user":"1"}"#, #"{"user":"1","expiration":null}"#, #"{"user":"1","expiration":"0001-01-01T00:00:00Z"}"#,
        ]
    )
    func neverExpires(body: String) async throws {
        _ = try harness.gate.user(named: "alice")
        let answer = try await harness.call("POST", "/api/v1/preauthkey", body)
        #expect(answer.string("preAuthKey", "expiration") == "0001-01-01T00:00:00Z")
        #expect(harness.gate.snapshot.preAuthKey(PreAuthKeyID(1))?.expiration == nil)
    }

    @Test("a tagged key without a user has the user null")
    func ownsNobody() async throws {
        let answer = try await harness.call("POST", "/api/v1/preauthkey", #"{"user":"0","aclTags":["tag:ci"]}"#)
        #expect(answer.status == 200)
        #expect(answer.text.contains(#""user":null"#))
    }

    @Test(
        "what makes no sense is refused",
        arguments: [
            (#"{"user":"7"}"#, 404), (#"{"user":"x"}"#, 400), (#"{"user":7}"#, 400), (#"{"reusable":"yes"}"#, 400),
            (#"{"user":"1","aclTags":["ci"]}"#, 400), (#"{"user":"1","aclTags":"tag:ci"}"#, 400),
            (#"{"user":"1","expiration":"tomorrow"}"#, 400), (#"{"user":"-1"}"#, 400), ("{}", 400), ("[]", 400),
            ("", 400), (#"{"user":"99999999999999999999999"}"#, 400),
        ]
    )
    func refuses(body: String, status: Int) async throws {
        _ = try harness.gate.user(named: "alice")
        let answer = try await harness.call("POST", "/api/v1/preauthkey", body)
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.string("detail")?.isEmpty == false)
        #expect(harness.gate.snapshot.allPreAuthKeys.isEmpty)
    }

    @Test("expiring and deleting")
    func expiresAndDeletes() async throws {
        let user = try harness.gate.user(named: "alice")
        for _ in 0..<2 {
            _ = try harness.gate.perform(
                CreatePreAuthKey(user: user.id, isReusable: false, isEphemeral: false, tags: [], expiration: nil)
            )
        }
        #expect(try await harness.call("POST", "/api/v1/preauthkey/expire", #"{"id":"1"}"#).text == "{}")
        #expect(harness.gate.snapshot.preAuthKey(PreAuthKeyID(1))?.expiration == harness.gate.now)
        #expect(try await harness.call("DELETE", "/api/v1/preauthkey?id=2").text == "{}")
        #expect(harness.gate.snapshot.allPreAuthKeys.map(\.id) == [PreAuthKeyID(1)])
        #expect(try await harness.call("DELETE", "/api/v1/preauthkey?id=2").status == 404)
        #expect(try await harness.call("DELETE", "/api/v1/preauthkey").status == 404)
        #expect(try await harness.call("POST", "/api/v1/preauthkey/expire", "{}").status == 404)
    }
}
