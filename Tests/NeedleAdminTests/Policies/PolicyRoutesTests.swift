// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleAdmin
import NeedleModel
internal import NeedlePolicy
import NeedlePolicy
import NeedleTesting
import NeedleTypes
import Testing

@Suite("REST v1: the policy", .timeLimit(.minutes(1)))
struct PolicyRoutesTests {
    static let closed = #"{"acls": []}"#
    static let ssh = #"{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:22"]}]} // é"#
    let harness = APIHarness()

    private var inForce: String { String(decoding: harness.gate.snapshot.policy.policy.text, as: UTF8.self) }

    private func body(_ policy: String, _ more: [String: String] = [:]) throws -> String {
        let fields = more.merging(["policy": policy]) { $1 }
        return String(decoding: try JSONSerialization.data(withJSONObject: fields), as: UTF8.self)
    }

    @Test("without a policy the answer is headscale's")
    func none() async throws {
        let answer = try await harness.call("GET", "/api/v1/policy")
        #expect(answer.status == 500)
        #expect(answer.string("detail")?.hasPrefix("acl policy not found") == true)
    }

    @Test("what was set is in force, and comes back as it was")
    func setAndGet() async throws {
        let set = try await harness.call("PUT", "/api/v1/policy", try body(Self.ssh))
        #expect(set.status == 200)
        #expect((set.json as? [String: Any])?.keys.sorted() == ["policy", "updatedAt"])
        #expect(inForce == Self.ssh)
        let got = try await harness.call("GET", "/api/v1/policy")
        #expect(got.string("policy") == Self.ssh)
        #expect(got.string("updatedAt") == "2026-05-28T20:26:40Z")
        #expect(got.text == set.text)
    }

    @Test("who set a version and why is kept, and shown to those who ask for all fields")
    func notes() async throws {
        let notes = ["author": "alice", "comment": "only SSH"]
        _ = try await harness.call("PUT", "/api/v1/policy", try body(Self.closed))
        let set = try await harness.call("PUT", "/api/v1/policy?fields=all", try body(Self.ssh, notes))
        #expect(set.string("version", "id") == "2")
        #expect(set.string("version", "author") == "alice")
        #expect(set.string("version", "comment") == "only SSH")
        #expect(set["version", "bytes"] as? Int == Self.ssh.utf8.count)
        #expect(set["version", "inForce"] as? Bool == true)
    }

    @Test("a refused policy is told everything that is wrong, and the old one stays")
    func refusal() async throws {
        _ = try await harness.call("PUT", "/api/v1/policy", try body(Self.closed))
        let wrong = "{\"acls\": [{\"action\": \"refuse\", \"src\": [\"*\"], \"dst\": [\"*:*\"]}],\n \"group\": {}}"
        let answer = try await harness.call("PUT", "/api/v1/policy", try body(wrong))
        #expect(answer.status == 400)
        let lines = answer.string("detail")?.split(separator: "\n") ?? []
        #expect(lines.count == 2 && lines[0].hasPrefix("line 1, ") && lines[1].hasPrefix("line 2, "))
        #expect(inForce == Self.closed)
        #expect(harness.gate.snapshot.policyVersions.count == 1)
        #expect(try await harness.call("PUT", "/api/v1/policy", "{}").status == 400, "no text is no policy")
        let long = ["comment": String(repeating: "x", count: 2000)]
        #expect(try await harness.call("PUT", "/api/v1/policy", try body(Self.ssh, long)).status == 400)
    }

    @Test("the tests of a policy are run on the nodes that there are")
    func tests() async throws {
        _ = try harness.gate.join("laptop", user: "alice")
        let text = #"{"acls": [], "tests": [{"src": "alice@", "accept": ["100.64.0.1:22"]}]}"#
        for (method, path) in [("PUT", "policy"), ("POST", "policy/check"), ("POST", "policy/diff")] {
            let answer = try await harness.call(method, "/api/v1/\(path)", try body(text))
            #expect(answer.status == 400)
            #expect(answer.string("detail")?.contains("test(s) failed") == true)
        }
        #expect(harness.gate.snapshot.policyVersions.isEmpty)
    }

    @Test("checking and comparing put nothing in force")
    func preview() async throws {
        _ = try harness.gate.join("laptop", user: "alice")
        _ = try harness.gate.join("server", user: nil, tags: ["tag:web"])
        #expect(try await harness.call("POST", "/api/v1/policy/check", try body(Self.ssh)).text == "{}")
        let answer = try await harness.call("POST", "/api/v1/policy/diff", try body(Self.ssh))
        #expect(answer.status == 200)
        #expect(answer["canBeSet"] as? Bool == true)
        #expect(answer["difference", "nodes"] as? Int == 2)
        #expect((answer["difference", "access", "total"] as? Int ?? 0) > 0, "\(answer.text)")
        #expect(harness.gate.snapshot.policyVersions.isEmpty)
        #expect(inForce == "{}")
        let same = try await harness.call("POST", "/api/v1/policy/diff", try body("{} // the same"))
        #expect(same["difference", "access", "total"] as? Int == 0)
    }

    @Test("a policy may be larger than other bodies")
    func large() async throws {
        let text = "{} //" + String(repeating: "x", count: 2 << 20)
        #expect(try await harness.call("PUT", "/api/v1/policy", try body(text)).status == 200)
        #expect(harness.gate.snapshot.policyVersions.first?.byteCount == text.utf8.count)
    }

    @Test("explaining names nodes or addresses, and says which rules decide")
    func explain() async throws {
        for name in ["alice", "bob"] { _ = try harness.gate.join("pc-\(name)", user: name) }
        _ = try await harness.call("PUT", "/api/v1/policy", try body(Self.ssh))
        let path = "/api/v1/policy/explain"
        for to in ["pc-bob", "100.64.0.2"] {
            let answer = try await harness.call("POST", path, #"{"from":"pc-alice","to":"\#(to)","port":22}"#)
            #expect(answer["isAllowed"] as? Bool == true, "\(answer.text)")
            #expect(answer["allowing", "rules", "0", "line"] as? Int == 1)
        }
        let closed = try await harness.call("POST", path, #"{"from":"pc-alice","to":"pc-bob","port":80,"protocol":6}"#)
        #expect(closed["isAllowed"] as? Bool == false)
        let missing = try await harness.call("POST", path, #"{"from":"pc-alice","to":"nobody"}"#)
        #expect(missing.status == 404 && missing.string("detail")?.contains("'nobody'") == true)
        #expect(try await harness.call("POST", path, "{}").status == 404)
    }

    // MARK: - Versions

    @Test("the history is the versions, the newest first, and each can be read")
    func history() async throws {
        #expect(try await harness.call("GET", "/api/v1/policy/history").text == #"{"versions":[]}"#)
        for text in [Self.closed, Self.ssh] { _ = try await harness.call("PUT", "/api/v1/policy", try body(text)) }
        let answer = try await harness.call("GET", "/api/v1/policy/history")
        let versions = try #require(answer["versions"] as? [[String: Any]])
        #expect(versions.map { $0["id"] as? String } == ["2", "1"])
        #expect(versions.map { $0["inForce"] as? Bool } == [true, false])
        let first = try await harness.call("GET", "/api/v1/policy/history/1?fields=all")
        #expect(first.string("policy") == Self.closed)
        #expect(first.string("version", "id") == "1")
        #expect(try await harness.call("GET", "/api/v1/policy/history/3").status == 404)
        #expect(try await harness.call("GET", "/api/v1/policy/history/x").status == 400)
    }

    @Test("a rollback is a new version with the text of the old one")
    func rollback() async throws {
        for text in [Self.closed, Self.ssh] { _ = try await harness.call("PUT", "/api/v1/policy", try body(text)) }
        let answer = try await harness.call(
            "POST",
            "/api/v1/policy/rollback?fields=all",
            #"{"version": "1", "author": "bob"}"#
        )
        #expect(answer.status == 200)
        #expect(inForce == Self.closed)
        #expect(answer.string("version", "id") == "3")
        #expect(answer.string("version", "comment") == "rollback to 1")
        #expect(answer.string("version", "author") == "bob")
        let refused = try await harness.call("POST", "/api/v1/policy/rollback", #"{"version": "9"}"#)
        #expect(refused.status == 404)
        #expect(try await harness.call("POST", "/api/v1/policy/rollback", "{}").status == 400)
        #expect(harness.gate.snapshot.policyVersions.count == 3)
    }

    @Test("the oldest versions go when there are too many")
    func oldest() async throws {
        for number in 0...PolicyVersion.countMax {
            let answer = try await harness.call("PUT", "/api/v1/policy", try body("{} // \(number)"))
            #expect(answer.status == 200)
        }
        let list = try await harness.call("GET", "/api/v1/policy/history")
        #expect((list["versions"] as? [Any])?.count == PolicyVersion.countMax)
        #expect(try await harness.call("GET", "/api/v1/policy/history/1").status == 404)
        #expect(try await harness.call("GET", "/api/v1/policy/history/2").status == 200)
    }

    // MARK: - Other places

    @Test("a policy in a file cannot be set here, and the refusal has headscale's words")
    func file() async throws {
        var harness = harness
        harness.policy = .file(path: "/p", reload: {})
        for (method, path, body) in [
            ("PUT", "policy", try body(Self.closed)), ("POST", "policy/rollback", #"{"version": "1"}"#),
        ] {
            let answer = try await harness.call(method, "/api/v1/\(path)", body)
            #expect(answer.status == 400)
            #expect(answer.string("detail")?.hasPrefix("update is disabled for modes other than 'database'") == true)
        }
        let got = try await harness.call("GET", "/api/v1/policy")
        #expect(got.text == #"{"policy":"{}","updatedAt":null}"#)
        #expect(try await harness.call("POST", "/api/v1/policy/check", try body(Self.closed)).status == 200)
        let preview = try await harness.call("POST", "/api/v1/policy/diff", try body(Self.closed))
        #expect(preview["canBeSet"] as? Bool == false)
    }

    @Test("a file is read again on command, and what is wrong with it comes back")
    func reload() async throws {
        var harness = harness
        harness.policy = .file(path: "/p", reload: {})
        #expect(try await harness.call("POST", "/api/v1/policy/reload").text == "{}")
        harness.policy = .file(path: "/p", reload: { throw ModelError(.invalid, "line 1, column 1: no") })
        let answer = try await harness.call("POST", "/api/v1/policy/reload")
        #expect(answer.status == 400 && answer.string("detail") == "line 1, column 1: no")
        harness.policy = .nowhere
        #expect(
            try await harness.call("POST", "/api/v1/policy/reload").string("detail")?.contains("policy.path") == true
        )
        harness.policy = nil
        #expect(try await harness.call("POST", "/api/v1/policy/reload").string("detail")?.contains("database") == true)
    }
}
