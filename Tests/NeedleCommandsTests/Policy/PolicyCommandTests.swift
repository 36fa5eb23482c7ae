// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Testing

@Suite("needletail policy, without a server", .timeLimit(.minutes(1)))
struct PolicyCommandTests {
    private static let policy = """
        {
          "tagOwners": {"tag:web": [], "tag:r": []},
          "acls": [
            {"action": "accept", "src": ["ann@"], "dst": ["tag:web:22,443"]},
            {"action": "accept", "src": ["tag:web"], "dst": ["10.0.0.0/8:*"]},
          ],
          "ssh": [{"action": "accept", "src": ["ann@"], "dst": ["tag:web"], "users": ["git"]}],
          "tests": [{"src": "ann@", "accept": ["tag:web:22"]}],
        }
        """
    private static let tailnet = """
        {"users": [{"name": "ann", "email": "ann@example.com"}],
         "nodes": {
           "laptop": {"user": "ann", "ipv4": "100.64.0.1", "ipv6": "fd7a:115c:a1e0::1"},
           "web": {"tags": ["tag:web"], "ipv4": "100.64.0.2", "ipv6": "fd7a:115c:a1e0::2"},
           "router": {"tags": ["tag:r"], "ipv4": "100.64.0.3", "routable_ips": ["10.0.0.0/8"], "approved_routes": ["10.0.0.0/8"]}
         }}
        """

    /// Runs a command line in a folder with `policy.hujson` and `tailnet.json`; `FOLDER` in it is that folder.
    private func run(
        _ arguments: String,
        policy: String = policy,
        tailnet: String = tailnet,
        input: String? = nil,
        _ body: (CommandHarness.Outcome, URL) throws -> Void = { _, _ in }
    ) async throws {
        try await CommandHarness.withFolder { harness in
            try policy.write(to: harness.folder.appending(path: "policy.hujson"), atomically: false, encoding: .utf8)
            try tailnet.write(to: harness.folder.appending(path: "tailnet.json"), atomically: false, encoding: .utf8)
            let files = "--policy FOLDER/policy.hujson --tailnet FOLDER/tailnet.json"
            let words = arguments.replacing("FILES", with: files).split(separator: " ")
            let line = words.map { String($0.replacing("FOLDER", with: harness.folder.path)) }
            let lines = input.map { $0.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
            let outcome = await harness.run(["policy"] + line, answers: lines)
            try body(outcome, harness.folder)
        }
    }

    private static func text(_ folder: URL) throws -> String {
        try String(contentsOf: folder.appending(path: "policy.hujson"), encoding: .utf8)
    }

    // MARK: - evaluate

    @Test("evaluate writes what every node would be given")
    func evaluate() async throws {
        try await run("evaluate FILES --output json") { outcome, _ in
            #expect(outcome.status == 0 && outcome.error == "")
            let nodes = try #require(outcome.object?["nodes"] as? [String: [String: Any]])
            #expect(nodes.keys.sorted() == ["laptop", "router", "web"])
            let peers = try #require(nodes["laptop"]?["peers"] as? [String: Any])
            #expect(peers.keys.sorted() == ["web"])
            #expect((nodes["web"]?["packetFilter"] as? [Any])?.count == 1)
            #expect((nodes["web"]?["sshPolicy"] as? [String: Any])?["rules"] != nil)
        }
    }

    @Test("evaluate shows people a table")
    func evaluateTable() async throws {
        try await run("evaluate FILES") { outcome, _ in
            #expect(outcome.status == 0)
            #expect(
                outcome.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") } == [
                    "NODE OWNER PEERS FILTER RULES SSH RULES ROUTES", "laptop ann 1 0 0", "web tag:web 2 1 1",
                    "router tag:r 1 1 0 10.0.0.0/8",
                ]
            )
        }
    }

    @Test(
        "evaluate says on standard output why a policy is refused",
        arguments: [
            (
                #"{"acls": [{"action": "accept", "src": ["tag:nix"], "dst": ["*:*"]}]}"#,
                "line 1, column 40: src=tag not found: \"tag:nix\""
            ),
            (#"{"acls": [], "tests": [{"src": "ann@", "accept": ["100.64.0.2:22"]}]}"#, "test(s) failed"),
            ("{", "line 1, column 2"),
        ]
    )
    func evaluateRefusal(policy: String, message: String) async throws {
        try await run("evaluate FILES --output json", policy: policy) { outcome, _ in
            #expect(outcome.status == 1 && outcome.error == "")
            let error = try #require(outcome.object?["error"] as? String)
            #expect(error.contains(message), "\(error)")
        }
        try await run("evaluate FILES", policy: policy) { outcome, _ in
            #expect(outcome.status == 1 && outcome.output == "" && outcome.error.contains(message))
        }
    }

    @Test("files that cannot be read are an error, not a refusal")
    func files() async throws {
        try await run("evaluate --policy FOLDER/none --tailnet FOLDER/tailnet.json -o json") { outcome, _ in
            #expect(outcome.status == 1 && outcome.output == "" && outcome.error.contains("none cannot be read"))
        }
        try await run("evaluate FILES", tailnet: "{\"nodes\": {\"n\": {\"user\": \"x\"}}}") { outcome, _ in
            #expect(outcome.status == 1 && outcome.error.contains("there is no user \"x\""))
        }
    }

    // MARK: - check

    @Test("check says that a policy is good, and whether its tests were run")
    func checkGood() async throws {
        try await run("check FOLDER/policy.hujson") { outcome, _ in
            #expect(outcome.status == 0)
            #expect(outcome.output.hasPrefix("the policy is good; its test was not run"))
        }
        try await run("check FOLDER/policy.hujson --tailnet FOLDER/tailnet.json") { outcome, _ in
            #expect(outcome.status == 0 && outcome.output == "the policy is good; its test passed\n")
        }
        try await run("check FOLDER/policy.hujson", policy: "{}") { outcome, _ in
            #expect(outcome.status == 0 && outcome.output == "the policy is good\n")
        }
        try await run("check FOLDER/policy.hujson", policy: #"{"derpMap": {}}"#) { outcome, _ in
            #expect(outcome.status == 0 && outcome.output.contains(":1:13: \"derpMap\" is not obeyed"))
        }
        try await run("check FOLDER/policy.hujson -o json") { outcome, _ in
            #expect(outcome.object?["ok"] as? Bool == true && outcome.object?["tests"] as? Int == 1)
            #expect(outcome.object?["testsRun"] as? Bool == false)
        }
    }

    private static let faulty = """
        {"tagOwners": {"tag:web": []},
         "acls": [{"action": "accept", "src": ["tag:wev"], "dst": ["tag:web:*"]},
                  {"action": "deny", "src": ["*"], "dst": ["tag:web"]}]}
        """

    @Test("check lists everything that is wrong, with places and hints")
    func checkFaulty() async throws {
        try await run("check FOLDER/policy.hujson", policy: Self.faulty) { outcome, folder in
            #expect(outcome.status == 1)
            let lines = outcome.output.split(separator: "\n").map(String.init)
            let file = folder.appending(path: "policy.hujson").path
            #expect(lines.count == 4)
            #expect(lines.first == "\(file):2:40: src=tag not found: \"tag:wev\" (did you mean \"tag:web\"?)")
            #expect(lines.last == "the policy is refused for 3 reasons")
        }
        try await run("check FOLDER/policy.hujson -o json-line", policy: Self.faulty) { outcome, _ in
            #expect(outcome.status == 1 && outcome.object?["ok"] as? Bool == false)
            let findings = try #require(outcome.object?["findings"] as? [[String: Any]])
            #expect(findings.map { $0["line"] as? Int } == [2, 3, 3])
            #expect(findings.first?["column"] as? Int == 40)
            #expect(findings.first?["hint"] as? String == "did you mean \"tag:web\"?")
        }
    }

    @Test("check says that there may be more than it lists")
    func checkMany() async throws {
        let rules = Array(repeating: #"{"action": "accept", "src": ["x"], "dst": ["*:*"]}"#, count: 150)
        let policy = "{\"acls\": [\(rules.joined(separator: ","))]}"
        try await run("check FOLDER/policy.hujson", policy: policy) { outcome, _ in
            #expect(outcome.output.hasSuffix("the policy is refused for 100 reasons, and perhaps more\n"))
        }
    }

    @Test("check runs the tests on the nodes of a file")
    func checkTests() async throws {
        let policy = Self.policy.replacing("tag:web:22\"]}],", with: "tag:web:23\"]}],")
        try await run("check FOLDER/policy.hujson", policy: policy) { outcome, _ in #expect(outcome.status == 0) }
        try await run("check FOLDER/policy.hujson --tailnet FOLDER/tailnet.json", policy: policy) { outcome, _ in
            #expect(outcome.status == 1 && outcome.output.contains("expected to be allowed, is denied"))
        }
    }

    @Test("check reads standard input")
    func checkInput() async throws {
        try await run("check -", input: Self.faulty) { outcome, _ in
            #expect(outcome.status == 1 && outcome.output.contains("standard input:2:40: "))
        }
        try await run("check -", input: "{}") { outcome, _ in #expect(outcome.status == 0) }
    }

    // MARK: - format

    @Test("format writes the formatted text to standard output")
    func format() async throws {
        try await run("format FOLDER/policy.hujson", policy: "{\"hosts\": { // a\n\"a\":\"10.0.0.1\"}}") {
            outcome,
            folder in
            #expect(outcome.status == 0)
            #expect(outcome.output == "{\n\t\"hosts\": { // a\n\t\t\"a\": \"10.0.0.1\",\n\t},\n}\n")
            let kept = try Self.text(folder)
            #expect(kept == "{\"hosts\": { // a\n\"a\":\"10.0.0.1\"}}")
        }
        try await run("format -", input: "[1 ,2]") { outcome, _ in #expect(outcome.output == "[1, 2]\n") }
        try await run("format FOLDER/policy.hujson", policy: "{,}") { outcome, _ in
            #expect(outcome.status == 1 && outcome.error.contains("is not HuJSON: line 1, column 2"))
        }
    }

    @Test("format --write changes the file, once")
    func formatWrite() async throws {
        try await run("format --write FOLDER/policy.hujson", policy: "{\"hosts\" : {}}") { outcome, folder in
            #expect(outcome.status == 0 && outcome.output.hasSuffix("policy.hujson is now formatted\n"))
            let kept = try Self.text(folder)
            #expect(kept == "{\"hosts\": {}}\n")
        }
        try await run("format --write FOLDER/policy.hujson", policy: "{}\n") { outcome, _ in
            #expect(outcome.status == 0 && outcome.output.hasSuffix("was formatted already\n"))
        }
    }

    @Test("format --check only looks")
    func formatCheck() async throws {
        try await run("format --check FOLDER/policy.hujson", policy: "{}") { outcome, folder in
            #expect(outcome.status == 1 && outcome.output.hasSuffix("is not formatted\n"))
            let kept = try Self.text(folder)
            #expect(kept == "{}")
        }
        try await run("format --check FOLDER/policy.hujson -o json", policy: "{}\n") { outcome, _ in
            #expect(outcome.status == 0 && outcome.object?["changed"] as? Bool == false)
        }
    }

    // MARK: - explain

    @Test("explain names the rule that lets a node reach another")
    func explain() async throws {
        try await run("explain --from laptop --to web --port 443 --proto tcp FILES") { outcome, _ in
            #expect(outcome.status == 0)
            #expect(
                outcome.output == """
                    laptop (ann@example.com) may reach web (tag:web) on tcp port 443.

                    allowed by
                      line 4, acls 1: {"action": "accept", "src": ["ann@"], "dst": ["tag:web:22,443"]}
                        from ann@: laptop belongs to this user
                        to tag:web: web has this tag
                        for ports 22, 443

                    """
            )
        }
    }

    @Test("explain lists what misses when nothing allows it")
    func explainDenied() async throws {
        try await run("explain --from router --to 100.64.0.2 FILES") { outcome, _ in
            #expect(outcome.status == 0)
            #expect(
                outcome.output.hasPrefix(
                    "router (tag:r) may not reach web (tag:web).\n\nto web, but from others\n  line 4"
                )
            )
        }
        try await run("explain --from router --to laptop FILES") { outcome, _ in
            #expect(
                outcome.output
                    == "router (tag:r) may not reach laptop (ann@example.com).\n\nNo rule is about either of them.\n"
            )
        }
        try await run("explain --from web --to 10.1.2.3 FILES -o json") { outcome, _ in
            #expect(outcome.object?["isAllowed"] as? Bool == true && outcome.object?["through"] as? String == "router")
        }
    }

    @Test("explain --user says which SSH rule decides")
    func explainLogin() async throws {
        try await run("explain --from laptop --to web --user git FILES") { outcome, _ in
            #expect(
                outcome.output.contains("Tailscale SSH lets laptop (ann@example.com) log in to web (tag:web) as git.")
            )
            #expect(outcome.output.contains("decided by\n  line 7, ssh 1"))
        }
        try await run("explain --from laptop --to web --user root FILES -o json") { outcome, _ in
            #expect((outcome.object?["login"] as? [String: Any])?["verdict"] as? String == "denied")
        }
    }

    @Test("explain wants ends that exist, and both files")
    func explainMistakes() async throws {
        try await run("explain --from phone --to web FILES") { outcome, _ in
            #expect(
                outcome.status == 1 && outcome.error.contains("'phone' is neither a node of the tailnet nor an address")
            )
        }
        try await run("explain --from laptop --to web --policy FOLDER/policy.hujson") { outcome, _ in
            #expect(outcome.status == 64 && outcome.error.contains("--policy and --tailnet go together"))
        }
        try await run("explain --from laptop --to web --proto tpc FILES") { outcome, _ in
            #expect(outcome.status == 64 && outcome.error.contains("'tpc' is not a protocol"))
        }
    }

    // MARK: - diff

    @Test("diff says what kinds of nodes gain and lose")
    func diff() async throws {
        let new =
            #"{"tagOwners": {"tag:web": [], "tag:r": []}, "acls": [{"action": "accept", "src": ["ann@"], "dst": ["tag:web:443-444"]}]}"#
        try await run("diff - FILES", input: new) { outcome, _ in
            #expect(outcome.status == 0)
            let lines = outcome.output.replacing(#/\u{1b}\[\d+m/#, with: "").split(separator: "\n").map(String.init)
            #expect(
                lines == [
                    "packets", "  - tag:web → 10.0.0.0/8: everything", "  - ann@example.com → tag:web: port 22",
                    "  + ann@example.com → tag:web: port 444", "log-ins by Tailscale SSH",
                    "  - ann@example.com → tag:web: log-in as git",
                ]
            )
        }
        try await run("diff FOLDER/policy.hujson FILES") { outcome, _ in
            #expect(outcome.status == 0 && outcome.output == "nothing changes for the 3 nodes that there are\n")
        }
        try await run("diff - FILES -o json", input: new) { outcome, _ in
            let access = try #require(outcome.object?["access"] as? [String: Any])
            #expect(access["total"] as? Int == 3 && outcome.object?["nodes"] as? Int == 3)
        }
        try await run("diff - FILES", input: "{\"acls\": 1}") { outcome, _ in
            #expect(outcome.status == 1 && outcome.error.contains("the policy standard input is refused"))
        }
    }
}
