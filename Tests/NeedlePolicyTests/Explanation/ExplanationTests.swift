// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import Testing

@testable import NeedlePolicy

@Suite struct ExplanationTests {
    private static let names = ["laptop", "desk", "web", "router", "backup", "exit"]

    private static let nodes: [NodeFacts] = {
        var laptop = TestNodes.owned(by: TestNodes.ann, slot: 0)
        laptop.attributes = ["node:os": .string("macos")]
        return [
            laptop, TestNodes.owned(by: TestNodes.bob, slot: 1), TestNodes.tagged("tag:web", slot: 2),
            TestNodes.tagged("tag:r", slot: 3, routes: ["10.1.0.0/16"], approved: ["10.1.0.0/16"], created: 1),
            TestNodes.tagged(
                "tag:r",
                slot: 4,
                routes: ["10.1.0.0/16", "10.2.0.0/16"],
                approved: ["10.1.0.0/16"],
                created: 2
            ),
            TestNodes.tagged("tag:x", slot: 5, routes: ["0.0.0.0/0", "::/0"], approved: ["0.0.0.0/0", "::/0"]),
        ]
    }()

    private func graph(_ sections: String) throws -> PolicyGraph {
        let names = """
            {"groups": {"group:all": ["ann@", "bob@example.org"]}, "tagOwners": {"tag:web": [], "tag:r": [], "tag:x": []},
             "hosts": {"printer": "10.1.2.3"}, "postures": {"posture:linux": ["node:os == 'linux'"]},
            """
        return PolicyGraph(policy: try Policy(text: Array("\(names)\n\(sections)}".utf8)), nodes: Self.nodes)
    }

    private func explain(
        _ sections: String,
        _ from: String,
        _ to: String,
        port: UInt16? = nil,
        protocolName: String? = nil,
        user: String? = nil
    ) throws -> PolicyExplanation {
        let graph = try graph(sections)
        func end(_ text: String) throws -> PolicyQuestion.End {
            try #require(graph.end(text) { name in Self.names.firstIndex(of: name).map { NodeSlot($0) } })
        }
        let question = PolicyQuestion(
            from: try end(from),
            to: try end(to),
            port: port,
            protocolNumber: protocolName.flatMap(PolicyQuestion.protocolNumber),
            user: user
        )
        return graph.explain(question) { Self.names[$0.index] }
    }

    @Test("names the rule that allows it, and why both ends are in it")
    func allowed() throws {
        let rules =
            #""acls": [{"action": "accept", "src": ["tag:web"], "dst": ["*:*"]},\#n"#
            + #"{"action": "accept", "src": ["group:all"], "dst": ["tag:web:22,80-90"], "proto": "tcp"}]"#
        let explanation = try explain(rules, "laptop", "100.64.0.3", port: 85, protocolName: "tcp")
        #expect(explanation.isAllowed && explanation.traffic == "tcp port 85" && explanation.through == nil)
        #expect(
            explanation.from
                == .init(name: "laptop", owner: "ann@example.com", addresses: ["100.64.0.1", "fd7a:115c:a1e0::1"])
        )
        #expect(explanation.to.owner == "tag:web")
        #expect(explanation.allowing.total == 1)
        let rule = try #require(explanation.allowing.rules.first)
        #expect(rule.section == "acls" && rule.number == 2 && rule.line == 4 && rule.allows == "tcp ports 22, 80-90")
        #expect(rule.text.hasPrefix(#"{"action": "accept", "src": ["group:all"]"#))
        #expect(rule.from == .init(name: "group:all", reason: "ann@example.com, whose node laptop is, is a member"))
        #expect(rule.to == .init(name: "tag:web", reason: "web has this tag"))
        #expect(rule.obstacle == nil)
    }

    @Test("sorts the rules that miss by what they miss")
    func misses() throws {
        let rules = """
            "acls": [
              {"action": "accept", "src": ["ann@"], "dst": ["tag:web:443"]},
              {"action": "accept", "src": ["ann@"], "dst": ["tag:web:22"], "srcPosture": ["posture:linux"]},
              {"action": "accept", "src": ["*"], "dst": ["tag:r:22", "autogroup:internet:22"]},
              {"action": "accept", "src": ["tag:r"], "dst": ["100.64.0.3:22"]},
              {"action": "accept", "src": ["tag:r"], "dst": ["tag:x:22"]},
            ]
            """
        let explanation = try explain(rules, "laptop", "web", port: 22)
        #expect(!explanation.isAllowed && explanation.allowing.total == 0)
        #expect(explanation.otherTraffic.rules.map(\.number) == [1])
        #expect(explanation.unmetPostures.rules.map(\.number) == [2])
        #expect(
            explanation.unmetPostures.rules.first?.obstacle
                == "posture:linux asks for node:os == 'linux', and it is 'macos'"
        )
        #expect(explanation.otherDestinations.rules.map(\.number) == [3])
        #expect(explanation.otherSources.rules.map(\.number) == [4])
        #expect(explanation.otherSources.rules.first?.to?.reason == "100.64.0.3 is web's address")
    }

    @Test(
        "says why a name stands for an end",
        arguments: [
            ("*", "every node is in it"), ("ann@", "laptop belongs to this user"),
            ("user:*@example.com", "laptop belongs to ann@example.com"),
            ("autogroup:member", "laptop belongs to ann@example.com"),
            ("autogroup:owner", "laptop belongs to ann@example.com, who is owner"),
            ("100.64.0.0/30", "100.64.0.1 is laptop's address"), ("autogroup:danger-all", "every node is in it"),
        ]
    )
    func reasons(source: String, reason: String) throws {
        let rules = #""acls": [{"action": "accept", "src": ["\#(source)"], "dst": ["*:*"]}]"#
        let explanation = try explain(rules, "laptop", "web")
        #expect(explanation.allowing.rules.first?.from == .init(name: source, reason: reason))
        #expect(explanation.allowing.rules.first?.allows == "everything")
    }

    @Test("own devices of one user")
    func ownDevices() throws {
        let rules = #""acls": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:*"]}]"#
        #expect(!(try explain(rules, "laptop", "desk").isAllowed))
        #expect(!(try explain(rules, "laptop", "web").isAllowed))
        let same = try explain(rules, "laptop", "laptop")
        #expect(same.isAllowed && same.notes.first?.contains("same node") == true)
    }

    @Test("no rules at all allow everything")
    func noRules() throws {
        let explanation = try explain(#""acls": null"#, "web", "laptop")
        #expect(explanation.isAllowed && explanation.notes.contains { $0.contains("neither acls nor grants") })
        #expect(!(try explain(#""acls": []"#, "web", "laptop").isAllowed))
    }

    // MARK: - Routes

    @Test("leads to an address through its primary router")
    func throughRouter() throws {
        let rules = #""acls": [{"action": "accept", "src": ["bob@"], "dst": ["printer:631"]}]"#
        let explanation = try explain(rules, "desk", "10.1.2.3", port: 631)
        #expect(explanation.isAllowed && explanation.through == "router")
        #expect(explanation.notes == ["10.1.2.3 is behind router, which serves 10.1.0.0/16"])
        #expect(explanation.allowing.rules.first?.to == .init(name: "printer", reason: "this host is 10.1.2.3"))
        let denied = try explain(rules, "laptop", "10.1.2.3", port: 631)
        #expect(!denied.isAllowed)
        #expect(denied.notes == ["router serves 10.1.0.0/16, but laptop is not told of that"])
        #expect(denied.otherSources.total == 1)
    }

    @Test("says that a route is not approved, or that there is none")
    func missingRoutes() throws {
        let rules = #""acls": [{"action": "accept", "src": ["*"], "dst": ["10.0.0.0/8:*"]}]"#
        let offered = try explain(rules, "desk", "10.2.0.1")
        #expect(!offered.isAllowed && offered.through == nil)
        #expect(offered.notes.first == "no node serves a route with 10.2.0.1")
        #expect(offered.notes.last?.hasPrefix("backup offers 10.2.0.0/16, which is not approved") == true)
        #expect(try explain(rules, "desk", "10.3.0.1").notes == ["no node serves a route with 10.3.0.1"])
        let own = try explain(rules, "router", "10.1.0.1")
        #expect(own.isAllowed && own.notes.first?.contains("serves 10.1.0.0/16 itself") == true)
    }

    @Test("via leads through the routers with the tag")
    func via() throws {
        let rules = #""grants": [{"src": ["ann@"], "dst": ["10.1.0.0/16"], "via": ["tag:r"], "ip": ["tcp:22"]}]"#
        let explanation = try explain(rules, "laptop", "10.1.2.3", port: 22)
        #expect(explanation.isAllowed && explanation.through == "router")
        #expect(explanation.allowing.rules.first?.section == "grants")
        #expect(explanation.allowing.rules.first?.to?.reason.hasSuffix("through router, which has tag:r") == true)
    }

    @Test("the internet is behind exit nodes")
    func internet() throws {
        let rules = #""acls": [{"action": "accept", "src": ["ann@"], "dst": ["autogroup:internet:*"]}]"#
        let explanation = try explain(rules, "laptop", "1.1.1.1", port: 53, protocolName: "udp")
        #expect(explanation.isAllowed && explanation.through == "exit")
        #expect(explanation.allowing.rules.first?.to?.reason == "1.1.1.1 is a public address")
        #expect(!(try explain(rules, "laptop", "exit").isAllowed))
        #expect(!(try explain(rules, "desk", "1.1.1.1").isAllowed))
    }

    @Test("an address behind a router as the one who begins")
    func addressAsSource() throws {
        let rules =
            #""acls": [{"action": "accept", "src": ["10.1.0.0/16"], "dst": ["tag:web:80"]}, {"action": "accept", "src": ["*"], "dst": ["tag:x:80"]}]"#
        #expect(try explain(rules, "10.1.7.7", "web", port: 80).isAllowed)
        #expect(try explain(rules, "10.1.7.7", "exit", port: 80).isAllowed)
        #expect(!(try explain(rules, "10.9.7.7", "exit", port: 80).isAllowed))
        #expect(try explain(rules, "10.1.7.7", "web", port: 80).from.owner == nil)
    }

    // MARK: - Capabilities and SSH

    @Test("lists capabilities apart from packets")
    func capabilities() throws {
        let rules = #""grants": [{"src": ["ann@"], "dst": ["tag:web"], "app": {"example.com/cap/x": [{}]}}]"#
        let explanation = try explain(rules, "laptop", "web")
        #expect(!explanation.isAllowed && explanation.capabilities.rules.map(\.allows) == ["example.com/cap/x"])
        #expect(try explain(rules, "desk", "web").capabilities.total == 0)
    }

    private static let shell = """
        "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}],
        "ssh": [
          {"action": "accept", "src": ["group:all"], "dst": ["tag:web"], "users": ["autogroup:nonroot"]},
          {"action": "check", "src": ["ann@"], "dst": ["tag:web"], "users": ["root", "ubuntu"]},
          {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["root"]},
          {"action": "accept", "src": ["tag:r"], "dst": ["tag:web"], "users": ["root"]},
        ]
        """

    @Test(
        "says which SSH rule decides",
        arguments: [
            ("laptop", "web", "root", PolicyExplanation.Login.Verdict.checked, 2),
            ("laptop", "web", "ubuntu", .checked, 2),
            ("laptop", "web", "deploy", .accepted, 1), ("desk", "web", "ubuntu", .accepted, 1),
            ("desk", "web", "root", .denied, 0), ("desk", "router", "root", .denied, 0),
        ]
    )
    func login(from: String, to: String, user: String, verdict: PolicyExplanation.Login.Verdict, rule: Int) throws {
        let explanation = try explain(Self.shell, from, to, user: user)
        let login = try #require(explanation.login)
        #expect(explanation.traffic == "tcp port 22" && explanation.isAllowed)
        #expect(login.verdict == verdict && login.rule?.number ?? 0 == rule && login.user == user)
    }

    @Test("sorts the SSH rules that miss")
    func loginMisses() throws {
        let login = try #require(try explain(Self.shell, "desk", "web", user: "root").login)
        #expect(login.otherUsers.rules.map(\.number) == [1])
        #expect(login.otherDestinations.rules.map(\.number) == [3])
        #expect(login.otherSources.rules.map(\.number) == [2, 4])
        #expect(login.otherSources.rules.first?.allows == "log-in as root, ubuntu, after a check")
        let behind = try explain(Self.shell, "desk", "10.1.2.3", user: "root")
        #expect(behind.login?.verdict == .denied && behind.notes.contains { $0.hasPrefix("only nodes") })
    }

    @Test("keeps only some of many rules")
    func manyRules() throws {
        let rule = #"{"action": "accept", "src": ["ann@"], "dst": ["tag:web:22"]}"#
        let explanation = try explain(
            "\"acls\": [\(Array(repeating: rule, count: 50).joined(separator: ",\n"))]",
            "laptop",
            "web"
        )
        #expect(explanation.allowing.total == 50)
        #expect(explanation.allowing.rules.count == PolicyExplanation.Rules.rulesMax)
    }
}
