// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import Testing

@testable import NeedleSwarm

@Suite struct PlainVisibilityTests {
    @Test(
        "sections that no policy has are warned of, with the line, and with what was meant if that is clear",
        arguments: [
            (#"{"acl": []}"#, "line 1: 'acl' is no section of a policy, and is passed over; did you mean 'acls'?"),
            ("{\n\"Grps\": {}, \"acls\": []}", "line 2: 'Grps' is no section"),
            (#"{"tagOwnres": {}, "acls": []}"#, "did you mean 'tagOwners'?"),
            (#"{"rules": [], "acls": []}"#, "'rules' is no section of a policy, and is passed over; take it out"),
        ] as [(String, String)]
    )
    func unknownSections(policy: String, text: String) throws {
        let warnings = try PlainPolicy(policy).warnings
        #expect(warnings.first?.contains(text) == true, "\(warnings)")
        // Without rules, the policy means something else altogether.
        #expect(warnings.dropFirst().contains { $0.contains("everybody sees everybody") } == !policy.contains("acls"))
    }

    @Test("sections that policies have are not warned of, in any case, nor are comments that look like sections")
    func knownSections() throws {
        let policy = """
            {"ACLs": [], "grants": [], "groups": {}, "hosts": {}, "tagowners": {}, "autoApprovers": {}, "ssh": [],
             "nodeAttrs": [], "tests": [], "sshTests": [], "ipsets": {}, "postures": {}, "defaultSrcPosture": [],
             "attrConfig": {}, "derpMap": {}, "extraDNSRecords": [], "randomizeClientPort": true, "disableIPv4": false,
             "OneCGNATRoute": "", "#acl": "a comment"}
            """
        #expect(try PlainPolicy(policy).warnings.isEmpty)
        #expect(try PlainPolicy("{}").warnings.isEmpty)
    }

    private static let owners = ["alice": nil, "bob": "bob@example.com", "carol": nil] as [String: String?]

    /// alice, alice, bob, carol, tag:web, tag:web, tag:db with tag:web, and carol at an address.
    private static let roster: Roster = {
        var nodes = ["alice", "alice", "bob", "carol"].enumerated().map { index, user in
            Roster.Node(hostname: "n\(index)", osname: "linux", user: user)
        }
        nodes.append(Roster.Node(hostname: "n4", tags: ["tag:web"]))
        nodes.append(Roster.Node(hostname: "n5", tags: ["tag:web"]))
        nodes.append(Roster.Node(hostname: "n6", tags: ["tag:db", "tag:web"]))
        var last = Roster.Node(hostname: "n7", osname: "linux", user: "carol")
        last.address = "100.64.0.1"
        nodes.append(last)
        return Roster(
            preset: "test",
            seed: "1",
            markerPort: nil,
            users: ["alice", "bob", "carol"],
            emails: ["bob": "bob@example.com"],
            tags: ["web", "db"],
            groups: [:],
            nodes: nodes
        )
    }()

    private static func peers(_ policy: String) throws -> [Int] {
        try PlainVisibility(PlainPolicy(policy), roster).expectedPeers()
    }

    private static func rule(_ source: String, _ destination: String) -> String {
        #"{"groups": {"group:g": ["alice@", "bob@example.com"]}, "hosts": {"box": "100.64.0.1", "far": "10.0.0.0/8"},"#
            + #""acls": [{"action": "accept", "src": ["\#(source)"], "dst": ["\#(destination)"]}]}"#
    }

    @Test(
        "counts who sees whom for each kind of alias",
        arguments: [
            ("*", "*:*", [7, 7, 7, 7, 7, 7, 7, 7]),
            ("alice@", "bob@example.com:22", [1, 1, 2, 0, 0, 0, 0, 0]),
            ("group:g", "tag:db:5432", [1, 1, 1, 0, 0, 0, 3, 0]),
            ("tag:web", "tag:web:*", [0, 0, 0, 0, 2, 2, 2, 0]),
            ("autogroup:member", "autogroup:self:*", [1, 1, 0, 1, 0, 0, 0, 1]),
            ("alice@", "autogroup:self:*", [1, 1, 0, 0, 0, 0, 0, 0]),
            ("autogroup:tagged", "autogroup:member:80", [3, 3, 3, 3, 5, 5, 5, 3]),
            ("bob@", "box:*", [0, 0, 1, 0, 0, 0, 0, 1]),
            ("bob@", "100.64.0.1/32:*", [0, 0, 1, 0, 0, 0, 0, 1]),
            ("bob@", "far:*", [0, 0, 0, 0, 0, 0, 0, 0]),
            ("far", "alice@:*", [0, 0, 0, 0, 0, 0, 0, 0]),
            ("alice@", "100.64.0.0/10:443", [7, 7, 2, 2, 2, 2, 2, 2]),
            ("alice@", "autogroup:internet:*", [0, 0, 0, 0, 0, 0, 0, 0]),
            ("nobody@", "*:*", [0, 0, 0, 0, 0, 0, 0, 0]),
        ] as [(String, String, [Int])]
    )
    func aliases(source: String, destination: String, expected: [Int]) throws {
        #expect(try Self.peers(Self.rule(source, destination)) == expected)
    }

    @Test("a policy without rules allows everything, one with an empty list nothing")
    func empty() throws {
        #expect(try Self.peers("{}") == Array(repeating: 7, count: 8))
        #expect(try Self.peers(#"{"acls": []}"#) == Array(repeating: 0, count: 8))
        #expect(try Self.peers("{\"grants\": [], // none\n}") == Array(repeating: 0, count: 8))
    }

    @Test("knows grants, and that a via needs a router")
    func grants() throws {
        let grant = #"{"grants": [{"src": ["alice@"], "dst": ["tag:db"], "ip": ["*"]}]}"#
        #expect(try Self.peers(grant) == [1, 1, 0, 0, 0, 0, 2, 0])
        let via = #"{"grants": [{"src": ["*"], "dst": ["10.0.0.0/8"], "ip": ["*"], "via": ["tag:db"]}]}"#
        #expect(try Self.peers(via) == Array(repeating: 0, count: 8))
    }

    @Test("counts only nodes that are present")
    func present() throws {
        let visibility = try PlainVisibility(PlainPolicy(Self.rule("alice@", "*:*")), Self.roster)
        let present = NodeSet([0, 2, 3].map { NodeSlot($0) })
        #expect(visibility.expectedPeers(present: present)[0] == 2)
        #expect(visibility.expectedPeers(present: present)[2] == 1)
        #expect(visibility.allows(2, toSee: 1))
        #expect(!visibility.allows(2, toSee: 3))
        #expect(!visibility.allows(0, toSee: 0))
    }

    @Test("says whose filter and whose peers another policy changes")
    func differences() throws {
        func visibility(_ rule: String) throws -> PlainVisibility {
            try PlainVisibility(PlainPolicy(rule), Self.roster)
        }
        let before = try visibility(Self.rule("alice@", "tag:db:22"))
        let otherPort = try visibility(Self.rule("alice@", "tag:db:23"))
        #expect(before.nodesWithOtherFilter(otherPort).map(\.index) == [6])
        #expect(before.nodesWithOtherPeers(otherPort).isEmpty)
        let otherUser = try visibility(Self.rule("bob@", "tag:db:22"))
        #expect(before.nodesWithOtherFilter(otherUser).map(\.index) == [6])
        #expect(before.nodesWithOtherPeers(otherUser).map(\.index) == [0, 1, 2, 6])
        #expect(before.nodesWithOtherFilter(before).isEmpty)
    }

    @Test(
        "refuses what it does not know, rather than count wrongly",
        arguments: [
            "[]", "{", #"{"acls": [{"action": "accept", "src": ["*"], "dst": ["svc:web:80"]}]}"#,
            #"{"acls": [{"action": "accept", "src": ["group:none"], "dst": ["*:*"]}]}"#,
            #"{"acls": [{"action": "accept", "src": ["*"], "dst": ["*"]}]}"#,
            #"{"ipsets": {"ipset:a": ["10.0.0.0/8"]}}"#,
            #"{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"], "srcPosture": ["posture:a"]}]}"#,
            #"{"acls": [{"action": "accept", "src": ["plainhost"], "dst": ["*:*"]}]}"#,
        ]
    )
    func refusals(policy: String) {
        #expect(throws: PlanError.self) { try Self.peers(policy) }
    }

    @Test("agrees with a comparison of every pair under random policies", arguments: 0..<20 as Range<UInt64>)
    func pairs(seed: UInt64) throws {
        var sizes = SwarmPreset.acl15k.sizes(nodes: 40)
        (sizes.rules, sizes.users, sizes.groups, sizes.groupUsers) = (12, 15, 6, 2...4)
        let plan = try SwarmPreset.acl15k.plan(sizes, seed: "\(seed)")
        let policy = try PlainPolicy(plan.policy)
        func isNamed(_ node: Roster.Node, _ alias: String) -> Bool {
            guard let user = node.user else { return node.tags?.contains(alias) ?? false }
            return alias == "autogroup:member" || alias == user + "@"
                || policy.groups[alias]?.contains(user + "@") ?? false
        }
        func reaches(_ one: Roster.Node, _ other: Roster.Node) -> Bool {
            policy.rules.contains { rule in
                guard rule.sources.contains(where: { isNamed(one, $0) }) else { return false }
                return rule.destinations.contains { destination in
                    destination.alias == "autogroup:self"
                        ? one.user != nil && one.user == other.user : isNamed(other, destination.alias)
                }
            }
        }
        let visibility = try PlainVisibility(policy, plan.roster)
        let nodes = plan.roster.nodes
        for one in nodes.indices {
            var count = 0
            for other in nodes.indices where one != other {
                let expected = reaches(nodes[one], nodes[other]) || reaches(nodes[other], nodes[one])
                #expect(visibility.allows(one, toSee: other) == expected)
                count += expected ? 1 : 0
            }
            #expect(nodes[one].expectPeers == count)
        }
    }
}
