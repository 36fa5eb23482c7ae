// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Logging
import NeedleAdmin
import NeedleModel
import NeedleTesting
import NeedleTypes
import Testing

@Suite("REST v1: refusals", .timeLimit(.minutes(1)))
struct RefusalTests {
    let harness = APIHarness()

    @Test(
        "each kind of refusal has its status",
        arguments: [
            (ModelError.Code.notFound, 404), (.conflict, 409), (.invalid, 400), (.refused, 400), (.exhausted, 507),
            (.unavailable, 503),
        ]
    )
    func status(code: ModelError.Code, status: Int) async throws {
        harness.gate.refuseEverything(with: ModelError(code, "because of the test"))
        let answer = try await harness.call("POST", "/api/v1/user", #"{"name":"alice"}"#)
        #expect(answer.status == status)
        #expect(answer.contentType == "application/problem+json")
        #expect(answer.string("detail") == "because of the test")
        #expect(answer["status"] as? Int == status)
    }

    @Test(
        "what is not JSON, or not the right JSON, is refused with the field's name",
        arguments: [
            ("{", "not JSON"), (#"{"name":"#, "not JSON"), (#"{"name":1}"#, "'name'"), (#"{"name":["a"]}"#, "'name'"),
            (#"{"name":"alice","email":{}}"#, "'email'"), ("null", "JSON object"), ("\"alice\"", "JSON object"),
            ("\u{feff}{}x", "not JSON"),
        ]
    )
    func malformed(body: String, hint: String) async throws {
        let answer = try await harness.call("POST", "/api/v1/user", body)
        #expect(answer.status == 400, "\(answer.text)")
        #expect(answer.string("detail")?.contains(hint) == true, "\(answer.text)")
        #expect(harness.gate.snapshot.allUsers.isEmpty)
    }

    @Test("random bytes never do harm")
    func randomBytes() async throws {
        var random = SeededRandom(seed: 7)
        for length in 1...60 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let answer = try await harness.call("POST", "/api/v1/preauthkey", bytes: bytes)
            #expect(answer.status == 400)
        }
    }

    @Test("arrays within arrays do not exhaust the stack")
    func nesting() async throws {
        let body = #"{"name":"# + String(repeating: "[", count: 200_000)
        #expect(try await harness.call("POST", "/api/v1/user", body).status == 400)
    }

    @Test("a body of the limit is read, one above it is not")
    func hugeBody() async throws {
        let limit = 1 << 20
        let frame = #"{"name":"alice","padding":""}"#.utf8.count
        func body(_ count: Int) -> String {
            #"{"name":"alice","padding":"\#(String(repeating: "x", count: count - frame))"}"#
        }
        let above = try await harness.call("POST", "/api/v1/user", body(limit + 1))
        #expect(above.status == 413)
        #expect(above.string("detail")?.contains("1048576") == true)
        #expect(try await harness.call("POST", "/api/v1/user", body(limit)).status == 200)
    }

    @Test(
        "unknown paths and methods have a body that says so",
        arguments: [
            ("GET", "/api/v1/nothing"), ("GET", "/"), ("PUT", "/api/v1/user"), ("GET", "/api/v1/user/1/rename"),
        ]
    )
    func unknownPath(method: String, path: String) async throws {
        let answer = try await harness.call(method, path)
        #expect([404, 405].contains(answer.status))
        #expect(answer.contentType == "application/problem+json")
    }

    @Test(
        "ids are decimal numbers",
        arguments: ["abc", "-1", "+1", "1.0", "0x1", "%31%00", "99999999999999999999", "١"]
    )
    func ids(text: String) async throws {
        let path = text.unicodeScalars.allSatisfy(\.isASCII) ? text : "%D9%A1"
        #expect(try await harness.call("GET", "/api/v1/node/\(path)").status == 400)
        #expect(try await harness.call("DELETE", "/api/v1/user/\(path)").status == 400)
    }

    @Test("a path that is not encoded properly is refused")
    func encoding() async throws {
        _ = try harness.gate.user(named: "alice")
        #expect(try await harness.call("POST", "/api/v1/user/1/rename/%FF%FE").status == 400)
    }

    @Test("health and version")
    func health() async throws {
        #expect(try await harness.call("GET", "/api/v1/health").text == #"{"databaseConnectivity":true}"#)
        let version = try await harness.call("GET", "/version")
        #expect(version.text == #"{"commit":"abc","serverUrl":"https://control.example.com","version":"1.2.3"}"#)
        let gate = harness.gate
        let ill = AdminAPI(
            gate: gate,
            version: VersionObject(version: "1"),
            policy: .nowhere,
            logger: Logger(label: "test"),
            now: { gate.now },
            isStorageHealthy: { false }
        )
        #expect(try await harness.call("GET", "/api/v1/health", bytes: nil, api: ill).status == 503)
    }
}
