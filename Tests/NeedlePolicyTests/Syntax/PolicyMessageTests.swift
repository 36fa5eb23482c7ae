// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON
import Testing

@testable import NeedlePolicy

/// What is refused, with which words and at which place.
@Suite struct PolicyMessageTests {
    private static let names = """
        "groups": {"group:dev": ["ann@example.com"]}, "hosts": {"web": "100.64.0.9", "net": "10.0.0.0/8"},
        "tagOwners": {"tag:web": [], "tag:db": ["tag:web"]},
        """

    private func findings(_ sections: String, domain: String? = "example.com") -> [PolicyFinding] {
        do throws(PolicyError) {
            _ = try Policy(text: Array("{\(Self.names)\n\(sections)}".utf8), domain: domain)
            return []
        } catch {
            return error.findings
        }
    }

    @Test(
        "says what is wrong with a rule",
        arguments: [
            (#""acls": [{"action": "deny", "src": ["*"], "dst": ["*:*"]}]"#, #"action="deny" is not supported"#),
            (#""acls": [{"action": "accept", "src": ["tag:wep"], "dst": ["*:*"]}]"#, #"src=tag not found: "tag:wep""#),
            (
                #""acls": [{"action": "accept", "src": ["*"], "dst": ["tag:x:22"]}]"#,
                #"dst="tag:x": tag not found: "tag:x""#
            ),
            (
                #""acls": [{"action": "accept", "src": ["group:x"], "dst": ["*:*"]}]"#,
                #"group not defined in policy: "group:x""#
            ),
            (#""acls": [{"action": "accept", "src": ["wep"], "dst": ["*:*"]}]"#, #"host not defined in policy: "wep""#),
            (#""acls": [{"action": "accept", "src": ["a:b:c"], "dst": ["*:*"]}]"#, #"invalid alias format: "a:b:c""#),
            (#""acls": [{"action": "accept", "src": ["autogroup:membr"], "dst": ["*:*"]}]"#, "invalid autogroup"),
            (
                #""acls": [{"action": "accept", "src": ["autogroup:internet"], "dst": ["*:*"]}]"#,
                "autogroup:internet can only be used in ACL destinations"
            ),
            (
                #""acls": [{"action": "accept", "src": ["autogroup:self"], "dst": ["*:*"]}]"#,
                #""autogroup:self" not valid on the src side"#
            ),
            (
                #""acls": [{"action": "accept", "src": ["*"], "dst": ["autogroup:danger-all:*"]}]"#,
                "cannot use autogroup:danger-all as a dst"
            ),
            (
                #""acls": [{"action": "accept", "src": ["tag:web"], "dst": ["autogroup:self:*"]}]"#,
                "autogroup:self can only be used with users"
            ),
            (#""acls": [{"action": "accept", "src": ["*"], "dst": ["web"]}]"#, "hostport must contain a colon"),
            (
                #""acls": [{"action": "accept", "src": ["*"], "dst": ["web:"]}]"#,
                "input cannot end with a colon character"
            ),
            (
                #""acls": [{"action": "accept", "src": ["*"], "dst": ["[10.0.0.1]:22"]}]"#,
                "square brackets are only valid around IPv6"
            ),
            (
                #""acls": [{"action": "accept", "src": ["*"], "dst": ["web:90-80"]}]"#,
                "first port is greater than last port"
            ),
            (#""acls": [{"action": "accept", "src": ["*"], "dst": ["web:70000"]}]"#, "port number out of range"),
            (#""acls": [{"action": "accept", "src": ["*"], "dst": ["web:80-"]}]"#, "invalid port range format"),
            (
                #""acls": [{"action": "accept", "src": ["*"], "dst": ["web:22"], "proto": "icmp"}]"#,
                "protocol does not support specific ports"
            ),
            (
                #""acls": [{"action": "accept", "src": ["*"], "dst": ["web:22"], "proto": "tpc"}]"#,
                "invalid protocol number"
            ),
            (
                #""acls": [{"action": "accept", "src": ["*"], "dst": ["web:22"], "proto": "06"}]"#,
                "leading 0 not permitted"
            ),
            (
                #""acls": [{"action": "accept", "src": ["*"], "dst": ["web:22"], "proto": "256"}]"#,
                "protocol number out of range (0-255): 256"
            ),
            (
                #""acls": [{"action": "accept", "src": ["*"], "dst": ["web:22"], "proto": "*"}]"#,
                #"proto name "*" not known"#
            ),
            (#""acls": [{"action": "accept", "src": ["*"], "dest": ["web:22"]}]"#, #"unknown field: "dest""#),
            (#""acls": {}"#, "expected a list"),
            (#""grants": [{"src": ["*"], "dst": ["*"]}]"#, "ip and app can not both be empty"),
            (#""grants": [{"src": ["*"], "dst": ["*"], "ip": ["tcp:1:2"]}]"#, "expected only one colon"),
            (#""grants": [{"src": ["*"], "dst": ["*"], "ip": ["x"]}]"#, #"port range "x": invalid first integer"#),
            (
                #""grants": [{"src": ["*"], "dst": ["*"], "app": {"https://example.com/x": []}}]"#,
                "must have the form {domain}/{path}"
            ),
            (
                #""grants": [{"src": ["*"], "dst": ["*"], "app": {"tailscale.com/cap/x": []}}]"#,
                "must not be in the tailscale.com domain"
            ),
            (#""grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"], "via": ["tag:x"]}]"#, #"tag "tag:x" not found"#),
            (
                #""grants": [{"src": ["*"], "dst": ["autogroup:self"], "ip": ["*"]}]"#,
                "autogroup:self can only be used with users"
            ),
            (
                #""grants": [{"src": ["user:*@example.org"], "dst": ["*"], "ip": ["*"]}]"#,
                "example.org is not associated with this Tailnet"
            ),
            (
                #""grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"], "srcPosture": ["posture:x"]}]"#,
                #"posture not found: "posture:x""#
            ),
        ]
    )
    func rules(sections: String, message: String) {
        let findings = findings(sections)
        #expect(findings.contains { $0.message.contains(message) }, "\(findings)")
    }

    @Test(
        "says what is wrong elsewhere",
        arguments: [
            (
                #""ssh": [{"action": "accept", "src": ["*"], "dst": ["tag:web"], "users": ["root"]}]"#,
                "alias not supported for SSH source"
            ),
            (
                #""ssh": [{"action": "accept", "src": ["ann@"], "dst": ["*"], "users": ["root"]}]"#,
                "wildcard (*) is not supported as SSH destination"
            ),
            (
                #""ssh": [{"action": "accept", "src": ["tag:web"], "dst": ["ann@"], "users": ["root"]}]"#,
                "tags in SSH source cannot access user-owned devices (ann@)"
            ),
            (
                #""ssh": [{"action": "accept", "src": ["bob@"], "dst": ["ann@"], "users": ["root"]}]"#,
                "user destination requires source to contain only that same user"
            ),
            (
                #""ssh": [{"action": "accept", "src": ["tag:web"], "dst": ["autogroup:self"], "users": ["root"]}]"#,
                "autogroup:self destination requires"
            ),
            (
                #""ssh": [{"action": "accept", "src": ["tag:web"], "dst": ["autogroup:member"], "users": ["root"]}]"#,
                "cannot access autogroup:member"
            ),
            (
                #""ssh": [{"action": "accept", "src": ["ann@"], "dst": ["tag:web"], "users": ["root"], "checkPeriod": "1h"}]"#,
                #"checkPeriod is only valid with action "check""#
            ),
            (
                #""ssh": [{"action": "check", "src": ["ann@"], "dst": ["tag:web"], "users": ["root"], "checkPeriod": "-1h"}]"#,
                "checkPeriod -1h0m0s must be a positive duration"
            ),
            (
                #""sshTests": [{"src": "ann@", "dst": ["tag:x"], "accept": ["root"]}]"#,
                #"SSH tests dst contains unknown tag "tag:x""#
            ),
            (
                #""nodeAttrs": [{"target": ["autogroup:self"], "attr": ["x"]}]"#,
                "nodeAttrs target does not support this autogroup"
            ),
            (#""nodeAttrs": [{"target": ["*"], "ipPool": ["192.168.0.0/16"]}]"#, "must be within 100.64.0.0/10"),
            (
                #""nodeAttrs": [{"target": ["*"], "ipPool": ["100.100.0.0/16"]}]"#,
                "must not overlap reserved Tailscale ranges"
            ),
            (#""autoApprovers": {"routes": {"10.0.0.0/33": []}}"#, #"invalid prefix: "10.0.0.0/33""#),
            (#""autoApprovers": {"exitNode": ["tag:x"]}"#, #"tag not found: "tag:x""#),
            (#""autoApprovers": {"exitNode": ["web"]}"#, #"invalid auto approver format: "web""#),
            (#""postures": {"posture:x": ["os is fine"]}"#, "invalid posture condition"),
            (#""postures": {"x": []}"#, "posture must start with 'posture:'"),
            (
                #""ipsets": {"ipset:a": ["add ipset:b"], "ipset:b": ["ipset:a"]}"#,
                "circular reference detected: ipset:a"
            ),
            (#""ipsets": {"ipset:a": ["add tag:web"]}"#, #""tag:web" cannot be in an IP set"#),
            (#""randomizeClientPort": "yes""#, "expected true or false"),
            (#""grps": {}"#, #"unknown field: "grps""#),
        ]
    )
    func others(sections: String, message: String) {
        let findings = findings(sections)
        #expect(findings.contains { $0.message.contains(message) }, "\(findings)")
    }

    @Test(
        "refuses names that no tag may have",
        arguments: [
            ("web", "tags must start with 'tag:'"), ("tag:", "tag names must not be empty"),
            ("tag:1st", "tag names must start with a letter, after 'tag:'"),
            ("tag:a b", "tag names can only contain numbers, letters, or dashes"),
        ]
    )
    func tagNames(name: String, message: String) {
        #expect(PolicyReader.tagFault(name) == message)
    }

    @Test("finds everything at once, in the order of the text, with places and hints")
    func everything() {
        let findings = findings(
            """
            "acls": [
              {"action": "accept", "src": ["tag:wep"], "dst": ["wev:22"]},
              {"action": "accept", "src": ["*"], "dst": ["web:x"]}
            ],
            "Groups": {}
            """
        )
        #expect(findings.map(\.position?.line) == [4, 4, 5, 7])
        #expect(findings.map(\.position?.column) == [32, 52, 46, 1])
        #expect(findings.map(\.hint).prefix(2) == ["did you mean \"tag:web\"?", "did you mean \"web\"?"])
        #expect(findings.last?.message == #""groups" stands here a second time"#)
        #expect(
            findings.first?.description == #"line 4, column 32: src=tag not found: "tag:wep" (did you mean "tag:web"?)"#
        )
    }

    @Test("answers text that is not HuJSON with its place")
    func syntaxError() {
        let error = #expect(throws: PolicyError.self) { try Policy(text: Array("{\n \"acls\": [}".utf8)) }
        #expect(error?.findings.first?.position?.line == 2)
    }

    @Test("does not know foreign domains when it knows none")
    func unknownDomain() {
        let section = #""grants": [{"src": ["user:*@example.org"], "dst": ["*"], "ip": ["*"]}]"#
        #expect(findings(section, domain: nil).isEmpty)
        #expect(findings(section, domain: "example.org").isEmpty)
        #expect(findings(section, domain: "EXAMPLE.ORG").count == 1)
    }
}
