// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import Testing

@testable import NeedlePolicy

@Suite struct DifferenceTests {
    private static let cid = UserFacts(id: UserID(3), name: "cid", email: "cid@example.com")

    /// ann: 0 and 1, bob: 2, cid: 3; tag:web: 4 to 7, tag:db: 8, two routers: 9 and 10, an exit node: 11.
    private static let nodes: [NodeFacts] =
        [
            TestNodes.owned(by: TestNodes.ann, slot: 0), TestNodes.owned(by: TestNodes.ann, slot: 1),
            TestNodes.owned(by: TestNodes.bob, slot: 2), TestNodes.owned(by: cid, slot: 3),
        ] + (4..<8).map { TestNodes.tagged("tag:web", slot: $0) } + [
            TestNodes.tagged("tag:db", slot: 8),
            TestNodes.tagged("tag:r", slot: 9, routes: ["10.1.0.0/16"], created: 1),
            TestNodes.tagged("tag:s", slot: 10, routes: ["10.1.0.0/16"], created: 2),
            TestNodes.tagged("tag:x", slot: 11, routes: ["0.0.0.0/0", "::/0"], approved: ["0.0.0.0/0", "::/0"]),
        ]

    private func difference(_ old: String, _ new: String) throws -> PolicyDifference {
        let names = """
            {"groups": {"group:eng": ["ann@", "bob@example.org"]},
             "tagOwners": {"tag:web": [], "tag:db": [], "tag:r": [], "tag:s": [], "tag:x": []},
             "autoApprovers": {"routes": {"10.1.0.0/16": ["tag:r", "tag:s"]}},
            """
        func policy(_ sections: String) throws -> Policy { try Policy(text: Array("\(names)\n\(sections)}".utf8)) }
        let graph = PolicyGraph(policy: try policy(old), nodes: Self.nodes)
        let other = PolicyGraph(policy: try policy(new), tailnet: TailnetFacts(), replacing: graph)
        return graph.difference(to: other) { "n\($0.index)" }
    }

    private func acls(_ rules: String...) -> String { "\"acls\": [\(rules.joined(separator: ", "))]" }

    private func rule(_ source: String, _ destination: String, _ more: String = "") -> String {
        #"{"action": "accept", "src": ["\#(source)"], "dst": ["\#(destination)"]\#(more)}"#
    }

    /// A change in one line.
    private func line(_ change: PolicyDifference.Change) -> String {
        func text(_ party: PolicyDifference.Party) -> String {
            let names = party.names.map { "\($0.name)/\($0.nodes)" } + (party.more > 0 ? ["+\(party.more)"] : [])
            let except = party.except.isEmpty ? [] : ["except"] + party.except.map { "\($0.name)/\($0.nodes)" }
            return (names + except + party.places).joined(separator: " ")
        }
        let mark = change.isGained ? "+" : "-"
        return "\(mark) \(text(change.from)) > \(text(change.to)): \(change.what.joined(separator: "; "))"
            + (change.exceptOwnDevices ? " except own" : "")
    }

    private func access(_ old: String, _ new: String) throws -> [String] {
        try difference(old, new).access.changes.map(line)
    }

    // MARK: - Packets

    @Test("the same rules in other words make no difference")
    func noDifference() throws {
        let old = acls(rule("group:eng", "tag:web:80,443"), rule("tag:web", "*:*"))
        let new = acls(
            rule("tag:web", "*:*"),
            rule("bob@example.org", "tag:web:443"),
            rule("ann@example.com", "tag:web:80-80,443"),
            rule("bob@example.org", "tag:web:80"),
            rule("group:eng", "tag:web:80", #", "proto": "tcp""#)
        )
        let difference = try difference(old, new)
        #expect(difference.isEmpty && difference.nodes == 12, "\(difference.access)")
    }

    @Test("speaks of groups, tags and users")
    func names() throws {
        #expect(
            try access(acls(), acls(rule("group:eng", "tag:web:22,443"))) == [
                "+ group:eng/3 > tag:web/4: ports 22, 443"
            ]
        )
        #expect(try access(acls(rule("ann@", "tag:db:*")), acls()) == ["- ann@example.com/2 > tag:db/1: everything"])
        #expect(
            try access(acls(), acls(rule("autogroup:member", "tag:db:1"))) == [
                "+ autogroup:member/4 > tag:db/1: port 1"
            ]
        )
        #expect(try access(acls(), acls(rule("100.64.0.5", "tag:db:1"))) == ["+ n4/1 > tag:db/1: port 1"])
        let narrowed = try access(acls(rule("*", "100.64.0.9:1")), acls(rule("tag:web", "100.64.0.9:1")))
        #expect(narrowed == ["- all nodes/12 except tag:web/4 10.1.0.0/16 > tag:db/1: port 1"])
    }

    @Test("says only what really changes when rules overlap")
    func overlaps() throws {
        let old = acls(rule("group:eng", "tag:web:80-90"), rule("ann@", "tag:web:85", #", "proto": "udp""#))
        let new = acls(rule("group:eng", "tag:web:85-95", #", "proto": "tcp""#))
        #expect(
            Set(try access(old, new)) == [
                "- group:eng/3 > tag:web/4: icmp, ipv6-icmp; tcp ports 80-84; udp ports 80-90",
                "+ group:eng/3 > tag:web/4: tcp ports 91-95",
            ]
        )
    }

    @Test("members that come to a group gain what the group has")
    func membership() throws {
        let old = acls(rule("ann@", "tag:web:22"))
        let new = acls(rule("group:eng", "tag:web:22"))
        #expect(try access(old, new) == ["+ bob@example.org/1 > tag:web/4: port 22"])
    }

    @Test("own devices of users in one line")
    func ownDevices() throws {
        let own = acls(rule("autogroup:member", "autogroup:self:*"))
        #expect(try access(acls(), own) == ["+ autogroup:member/4 > their user's own devices: everything"])
        let everybody = acls(rule("autogroup:member", "autogroup:member:*"))
        #expect(try access(everybody, own) == ["- autogroup:member/4 > autogroup:member/4: everything except own"])
        #expect(try access(own, everybody) == ["+ autogroup:member/4 > autogroup:member/4: everything except own"])
        #expect(
            try access(own, acls(rule("group:eng", "autogroup:self:*"))) == [
                "- cid@example.com/1 > their user's own devices: everything"
            ]
        )
    }

    @Test("routes, addresses behind them, and the internet are places")
    func places() throws {
        #expect(try access(acls(), acls(rule("ann@", "10.1.2.3:80"))) == ["+ ann@example.com/2 > 10.1.2.3: port 80"])
        #expect(
            try access(acls(), acls(rule("ann@", "10.0.0.0/8:80"))) == ["+ ann@example.com/2 > 10.1.0.0/16: port 80"]
        )
        #expect(
            try access(acls(), acls(rule("ann@", "10.0.0.0/8:80"), rule("ann@", "10.1.2.3:80")))
                == ["+ ann@example.com/2 > 10.1.0.0/16: port 80"]
        )
        #expect(try access(acls(), acls(rule("ann@", "10.2.0.1:80"))) == [])
        #expect(
            try access(acls(), acls(rule("tag:db", "autogroup:internet:443")))
                == ["+ tag:db/1 > the internet, through exit nodes: port 443"]
        )
        #expect(try access(acls(), acls(rule("10.9.0.0/16", "tag:db:1"))) == ["+ 10.9.0.0/16 > tag:db/1: port 1"])
    }

    @Test("a node that gains access to itself gains nothing")
    func itself() throws {
        #expect(try access(acls(), acls(rule("tag:db", "tag:db:*"))) == [])
    }

    // MARK: - Others

    @Test("log-ins, with the first rule that counts")
    func logins() throws {
        func ssh(_ action: String, _ users: String, _ more: String = "") -> String {
            #""ssh": [{"action": "\#(action)", "src": ["group:eng"], "dst": ["tag:web"], "users": [\#(users)]\#(more)}]"#
        }
        func changes(_ old: String, _ new: String) throws -> [String] {
            try difference(old, new).logins.changes.map(line)
        }
        #expect(
            try changes(ssh("accept", #""root""#), ssh("accept", #""root", "git""#)) == [
                "+ group:eng/3 > tag:web/4: log-in as git"
            ]
        )
        #expect(
            try changes(ssh("accept", #""autogroup:nonroot""#), ssh("accept", #""autogroup:nonroot", "git""#)) == []
        )
        #expect(
            Set(try changes(ssh("accept", #""root""#), ssh("check", #""root""#, #", "checkPeriod": "1h""#))) == [
                "- group:eng/3 > tag:web/4: log-in as root",
                "+ group:eng/3 > tag:web/4: log-in as root, after a check every 1h0m0s",
            ]
        )
        #expect(
            try changes(acls(), ssh("accept", #""git", "autogroup:nonroot", "root""#))
                == ["+ group:eng/3 > tag:web/4: log-in as any user but root; log-in as root"]
        )
        let own =
            #""ssh": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["root"]}]"#
        #expect(try changes(acls(), own) == ["+ autogroup:member/4 > their user's own devices: log-in as root"])
    }

    @Test("capabilities, with their values")
    func capabilities() throws {
        func grants(_ source: String, _ values: String) -> String {
            #""acls": [], "grants": [{"src": ["\#(source)"], "dst": ["tag:db"], "app": {"example.com/cap/x": [\#(values)]}}]"#
        }
        func changes(_ old: String, _ new: String) throws -> [String] {
            let difference = try difference(old, new)
            #expect(difference.access.isEmpty)
            return difference.capabilities.changes.map(line)
        }
        #expect(
            try changes(acls(), grants("ann@", #"{"a": 1}"#)) == [
                #"+ ann@example.com/2 > tag:db/1: example.com/cap/x {"a":1}"#
            ]
        )
        #expect(
            try changes(grants("ann@", ""), grants("group:eng", "")) == [
                "+ bob@example.org/1 > tag:db/1: example.com/cap/x"
            ]
        )
        #expect(try changes(grants("ann@", "1"), grants("ann@", "2")).count == 2)
    }

    @Test("attributes of nodes")
    func attributes() throws {
        let difference = try difference(
            acls(),
            acls() + #", "nodeAttrs": [{"target": ["tag:web"], "attr": ["x", "y"]}]"#
        )
        #expect(difference.attributes.changes.map(\.what) == [["x", "y"]])
        #expect(difference.attributes.changes.first?.nodes.names == [.init(name: "tag:web", nodes: 4)])
        #expect(difference.attributes.changes.first?.isGained == true && difference.access.isEmpty)
    }

    @Test("routes that come into force or go out of it, and other routers")
    func routes() throws {
        let routed = acls(rule("ann@", "10.1.0.0/16:*"))
        let unapproved = acls(rule("ann@", "10.1.0.0/16:*"))
        #expect(try difference(routed, unapproved).isEmpty)
        let via = #""acls": [], "grants": [{"src": ["ann@"], "dst": ["10.1.0.0/16"], "ip": ["*"], "via": ["tag:s"]}]"#
        let difference = try difference(routed, via)
        #expect(difference.routers.changes.map(\.new) == ["n10"] && difference.routers.changes.map(\.old) == ["n9"])
        #expect(difference.routers.changes.first?.viewers.names == [.init(name: "ann@example.com", nodes: 2)])
        #expect(difference.routers.changes.first?.route == "10.1.0.0/16")
        #expect(difference.access.isEmpty)
    }

    @Test("approval of routes")
    func approval() throws {
        let text = #"{"tagOwners": {"tag:r": []}, "autoApprovers": {"routes": {"10.1.0.0/16": ["tag:r"]}}, "acls": []}"#
        let other = #"{"tagOwners": {"tag:r": []}, "acls": []}"#
        let node = TestNodes.tagged("tag:r", slot: 0, routes: ["10.1.0.0/16"])
        let old = PolicyGraph(policy: try Policy(text: Array(text.utf8)), nodes: [node])
        let new = PolicyGraph(policy: try Policy(text: Array(other.utf8)), tailnet: TailnetFacts(), replacing: old)
        let lost = old.difference(to: new) { _ in "r" }.routes.changes
        #expect(lost.map(\.what) == [["10.1.0.0/16"]] && lost.map(\.isGained) == [false])
        #expect(new.difference(to: old) { _ in "r" }.routes.changes.map(\.isGained) == [true])
    }

    @Test("names sets of nodes by what they have in common, and few of them one by one")
    func naming() throws {
        let graph = PolicyGraph(policy: .allowAll, nodes: Self.nodes)
        let naming = PartyNaming(graph, graph) { "n\($0.index)" }
        func text(_ slots: Int...) -> String {
            let party = naming.party(NodeSet(slots.map { NodeSlot($0) }))
            let names = party.names.map(\.name) + (party.more > 0 ? ["+\(party.more)"] : [])
            return (names + (party.except.isEmpty ? [] : ["except"] + party.except.map(\.name))).joined(separator: " ")
        }
        #expect(text(4, 5, 6, 7) == "tag:web")
        #expect(text(4, 5) == "n4 n5")
        #expect(text(0, 1, 2, 3) == "autogroup:member")
        #expect(text(0, 1, 8) == "ann@example.com tag:db")
        #expect(text(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) == "all nodes")
        #expect(text(0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11) == "all nodes except n4")
        #expect(text() == "")
    }
}
