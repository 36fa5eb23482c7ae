// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import Testing

@testable import NeedleSwarm

@Suite struct PolicyAnonymizerTests {
    private static let secrets = [
        "alice", "acme", "payroll", "vault", "dragon", "10.77.", "203.0.113.7", "100.99.", "deploy", "SECRET",
    ]
    private static let policy = """
        {
          // acme's own
          "groups": {"group:payroll": ["alice@acme.com", "dragon@"]},
          "tagOwners": {"tag:vault": ["group:payroll"]},
          "hosts": {"vault-host": "10.77.1.9", "acme-net": "10.77.0.0/16", "web": "203.0.113.7/32", "n": "100.99.1.1"},
          "acls": [
            {"action": "accept", "src": ["group:payroll"], "dst": ["tag:vault:22,80-90", "vault-host:443"]},
            {"action": "accept", "src": ["dragon@", "10.77.3.0/24"], "dst": ["autogroup:self:*", "100.99.1.1:1"]},
            {"action": "accept", "proto": "udp", "src": ["*"], "dst": ["[fd7a:115c:a1e0::7]:53"]},
          ],
          "grants": [{"src": ["tag:vault"], "dst": ["tag:vault"], "app": {"acme.com/cap/x": [{"SECRET": 1}]}}],
          "ssh": [{"action": "accept", "src": ["group:payroll"], "dst": ["tag:vault"], "users": ["root", "deploy"]}],
          "tests": [{"src": "alice@acme.com", "accept": ["tag:vault:22"]}],
        }
        """

    @Test("leaves no name and no address")
    func secrets() throws {
        var anonymizer = PolicyAnonymizer(seed: "1")
        let text = try anonymizer.anonymized(Self.policy)
        for secret in Self.secrets { #expect(!text.contains(secret), "\(secret) in \(text)") }
        #expect(text.contains("\"root\""))
        #expect(text.contains(":22,80-90"))
        #expect(text.contains("autogroup:self:*"))
        #expect(text.contains("\"udp\""))
    }

    @Test("means the same: a fleet for it has the same numbers of peers")
    func meaning() throws {
        var anonymizer = PolicyAnonymizer(seed: "1")
        let text = try anonymizer.anonymized(Self.policy)
        let one = try PlainPolicy(Self.policy)
        let two = try PlainPolicy(text)
        #expect(one.rules.count == two.rules.count)
        #expect(one.rules.map(\.sources.count) == two.rules.map(\.sources.count))
        #expect(
            one.rules.map { $0.destinations.map(\.ports) }.prefix(3)
                == two.rules.map { $0.destinations.map(\.ports) }.prefix(3)
        )
        var proportions = FleetProportions(nodes: 60)
        proportions.tagged = 0.5
        let peers = try [Self.policy, text].map { text in
            try FleetBuilder.plan(for: text, proportions).roster.nodes.filter { $0.tags != nil }.map(\.expectPeers)
                .max()
        }
        #expect(peers[0] == peers[1])
    }

    @Test("prefixes contain what they contained, and stay what kind they are")
    func prefixes() throws {
        var anonymizer = PolicyAnonymizer(seed: "7")
        let hosts = try PlainPolicy(anonymizer.anonymized(Self.policy)).hosts
        let prefixes = hosts.values.compactMap { IPPrefix(text: $0) }
        let singles = hosts.values.compactMap { IPAddress(text: $0) }
        let net = try #require(prefixes.first { $0.length == 16 })
        #expect(IPPrefix(text: "10.0.0.0/8")?.contains(net) == true)
        #expect(singles.filter(net.contains).count == 1)
        #expect(singles.contains { IPPrefix(text: "100.64.0.0/10")?.contains($0) ?? false })
    }

    @Test("profiles of NextDNS are replaced, the same by the same; other attributes and plain words stay")
    func attributes() throws {
        var anonymizer = PolicyAnonymizer(seed: "1")
        let text = try anonymizer.anonymized(
            """
            {"nodeAttrs": [
              {"target": ["*"], "attr": ["nextdns:SECRET", "nextdns:no-device-info", "funnel"]},
              {"target": ["alice@acme.com"], "attr": ["nextdns:SECRET", "nextdns:SECRET2"]},
             ],
             "autoApprovers": {"exitNode": ["alice@acme.com"]},
             "ssh": [{"action": "check", "checkPeriod": "12h", "src": ["*"], "dst": ["*"], "users": ["root"]}],
             "grants": [{"src": ["*"], "dst": ["*"], "ip": ["tcp:443"]}]}
            """
        )
        for secret in ["SECRET", "alice", "acme"] { #expect(!text.contains(secret), "\(text)") }
        #expect(text.contains(#""attr": ["nextdns:profile1", "nextdns:no-device-info", "funnel"]"#), "\(text)")
        #expect(text.contains(#""attr": ["nextdns:profile1", "nextdns:profile2"]"#), "\(text)")
        for plain in [#""check""#, #""12h""#, #""tcp:443""#] { #expect(text.contains(plain), "\(text)") }
        #expect(text.contains(#""exitNode": ["user1@domain1.example"]"#), "\(text)")
    }

    @Test("gives the same words for the same seed, and to a second policy the words of the first")
    func consistency() throws {
        var one = PolicyAnonymizer(seed: "1")
        var two = PolicyAnonymizer(seed: "1")
        #expect(try one.anonymized(Self.policy) == two.anonymized(Self.policy))
        let again = try one.anonymized(#"{"groups": {"group:payroll": ["dragon@"]}}"#)
        let first = try PlainPolicy(two.anonymized(Self.policy))
        let second = try PlainPolicy(again)
        #expect(Set(second.groups.keys).isSubset(of: first.groups.keys))
        let members = try #require(second.groups.values.first)
        #expect(first.groups.values.contains { Set(members).isSubset(of: $0) })
        #expect(throws: PlanError.self) { try one.anonymized("[1]") }
    }
}
