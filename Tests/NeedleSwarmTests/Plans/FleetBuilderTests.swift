// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Testing

@testable import NeedleSwarm

@Suite struct FleetBuilderTests {
    private static let policy = """
        {
          // A comment, and a trailing comma.
          "groups": {"group:dev": ["alice@", "bob@example.com"], "group:ops": ["bob@other.org"],},
          "tagOwners": {"tag:web": ["group:ops"], "tag:db": ["group:ops"]},
          "hosts": {"printer": "100.101.102.103", "office": "10.1.0.0/16", "camera": "100.80.0.9/32"},
          "acls": [
            {"action": "accept", "src": ["group:dev"], "dst": ["tag:web:80,443", "printer:631"]},
            {"action": "accept", "src": ["tag:web"], "dst": ["tag:db:5432", "office:*"]},
            {"action": "accept", "src": ["carol@"], "dst": ["100.80.0.9:554"]},
          ],
        }
        """

    @Test("has every user, tag and address that the policy names")
    func everything() throws {
        let plan = try FleetBuilder.plan(for: Self.policy, FleetProportions(nodes: 40))
        let roster = plan.roster
        #expect(roster.nodes.count == 40)
        #expect(Set(roster.users) == ["alice", "bob", "bob-2", "carol"])
        #expect(Set(roster.emails?.values.map { $0 } ?? []) == ["bob@example.com", "bob@other.org"])
        #expect(Set(roster.nodes.compactMap(\.user)) == Set(roster.users))
        #expect(Set(roster.nodes.compactMap(\.tags?.first)) == ["tag:web", "tag:db"])
        #expect(Set(roster.nodes.map(\.hostname)).count == 40)
        #expect(roster.nodes.compactMap(\.address) == ["100.64.0.1", "100.64.0.2"])
    }

    @Test("replaces addresses of nodes, which no server can be asked for, and leaves the rest of the text alone")
    func addresses() throws {
        let text = try FleetBuilder.plan(for: Self.policy, FleetProportions(nodes: 10)).policy
        #expect(text.contains(#""printer": "100.64.0.2""#))
        #expect(text.contains(#""camera": "100.64.0.1/32""#))
        #expect(text.contains(#""dst": ["100.64.0.1:554"]"#))
        #expect(text.contains("// A comment"))
        #expect(text.contains(#""office": "10.1.0.0/16""#))
    }

    @Test("computes who must see how many")
    func peers() throws {
        var proportions = FleetProportions(nodes: 40)
        proportions.tagged = 0.5
        let roster = try FleetBuilder.plan(for: Self.policy, proportions).roster
        #expect(roster.nodes.filter { $0.tags != nil }.count == 20)
        let web = roster.nodes.filter { $0.tags == ["tag:web"] }.count
        let dev = roster.nodes.filter { ["alice", "bob"].contains($0.user) }.count
        let printers = roster.nodes.filter { $0.address == "100.64.0.2" }
        for node in roster.nodes where node.user == "alice" && node.address == nil {
            // The printer may be a developer's own.
            #expect(node.expectPeers == web + 1)
        }
        for node in roster.nodes where node.tags == ["tag:db"] { #expect(node.expectPeers == web) }
        #expect(printers.count == 1)
        #expect(dev > 0)
    }

    @Test("takes a second policy, and users whom no policy names")
    func more() throws {
        var proportions = FleetProportions(nodes: 20)
        proportions.strangers = 3
        let plan = try FleetBuilder.plan(for: Self.policy, policy2: "{}", proportions)
        #expect(plan.policy2 == "{}")
        #expect(plan.roster.nodes.allSatisfy { $0.expectPeers2 == 19 })
        #expect(plan.roster.users.count == 7)
        #expect(plan.roster.nodes.filter { $0.user?.hasPrefix("stranger") ?? false }.allSatisfy { $0.expectPeers == 0 })
    }

    @Test(
        "policies that name nobody, or only tags, get a fleet too",
        arguments: ["{}", #"{"tagOwners": {"tag:a": []}}"#]
    )
    func little(policy: String) throws {
        let roster = try FleetBuilder.plan(for: policy, FleetProportions(nodes: 5)).roster
        #expect(roster.nodes.count == 5)
        #expect(roster.nodes.allSatisfy { $0.expectPeers == 4 })
    }

    @Test("odd e-mail addresses become names that servers take")
    func names() throws {
        let policy = #"{"acls": [{"action": "accept", "src": ["1+x@example.com", "a@example.com"], "dst": ["*:*"]}]}"#
        let roster = try FleetBuilder.plan(for: policy, FleetProportions(nodes: 4)).roster
        #expect(Set(roster.users) == ["u-1-x", "u-a"])
    }
}
