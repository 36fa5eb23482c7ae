// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON
import NeedleTypes
import Testing

@testable import NeedlePolicy

/// The policy's own tests; the cases that the service recorded are in GoldenTests.
@Suite struct PolicyChecksTests {
    private static let nodes = [
        TestNodes.owned(by: TestNodes.ann, slot: 0), TestNodes.owned(by: TestNodes.bob, slot: 1),
        TestNodes.tagged("tag:web", slot: 2), TestNodes.tagged("tag:db", slot: 3),
    ]

    private func faults(_ sections: String) throws -> [PolicyFinding] {
        let names =
            #""groups": {"group:all": ["ann@", "bob@"]}, "tagOwners": {"tag:web": [], "tag:db": []}, "hosts": {"web": "100.64.0.3"}"#
        let rules = """
            "acls": [{"action": "accept", "src": ["ann@"], "dst": ["tag:web:22,443"]},
                     {"action": "accept", "src": ["group:all"], "dst": ["web:80"], "proto": "tcp"},
                     {"action": "accept", "src": ["*"], "dst": ["192.0.2.0/24:*"]}]
            """
        let policy = try Policy(text: Array("{\(names),\n\(rules),\n\(sections)}".utf8))
        return PolicyChecks(PolicyGraph(policy: policy, nodes: Self.nodes)).run()
    }

    @Test(
        "lets through what holds",
        arguments: [
            #"{"src": "ann@", "accept": ["tag:web:22", "100.64.0.3:443", "web:443"], "deny": ["tag:web:81", "tag:db:22"]}"#,
            #"{"src": "group:all", "proto": "tcp", "accept": ["web:80"]}"#,
            #"{"src": "bob@example.org", "deny": ["tag:web:22"]}"#,
            #"{"src": "tag:db", "accept": ["192.0.2.7:9"], "deny": ["web:80"]}"#,
            #"{"src": "100.64.0.1", "deny": ["web:81"]}"#,
        ]
    )
    func holds(test: String) throws {
        #expect(try faults("\"tests\": [\(test)]") == [])
    }

    @Test(
        "finds what does not",
        arguments: [
            (#"{"src": "group:all", "accept": ["tag:web:22"]}"#, "expected to be allowed, is denied"),
            (#"{"src": "group:all", "deny": ["tag:web:22"]}"#, "expected to be denied, is allowed"),
            (#"{"src": "ann@", "proto": "udp", "accept": ["web:80"]}"#, "expected to be allowed, is denied"),
            (#"{"src": "ann@", "accept": ["web:80-90"]}"#, "a single port"),
            (#"{"src": "ann@", "accept": ["192.0.2.0/24:80"]}"#, "a single host"),
            (#"{"src": "ann@", "accept": ["autogroup:internet:80"]}"#, "stands for nobody"),
            (#"{"src": "cid@", "accept": ["web:80"]}"#, "stands for nobody"),
            (#"{"src": "ann@"}"#, "needs accept or deny"),
            (#"{"src": "ann@", "proto": "icmp", "accept": ["web:80"]}"#, "must be tcp, udp, sctp, or empty"),
        ]
    )
    func fails(test: String, message: String) throws {
        let faults = try faults("\"tests\": [\(test)]")
        #expect(faults.contains { $0.message.hasPrefix("test(s) failed") && $0.message.contains(message) }, "\(faults)")
        #expect(faults.first?.position?.line == 5)
    }

    @Test("postures of a test stand in for those of the source")
    func postures() throws {
        let text = """
            {"tagOwners": {"tag:web": []}, "postures": {"posture:linux": ["node:os == 'linux'"]},
             "acls": [{"action": "accept", "src": ["ann@"], "dst": ["tag:web:22"], "srcPosture": ["posture:linux"]}],
             "tests": [{"src": "ann@", "srcPostureAttrs": {"node:os": "linux"}, "accept": ["tag:web:22"]},
                       {"src": "ann@", "srcPostureAttrs": {"node:os": "macos"}, "deny": ["tag:web:22"]},
                       {"src": "ann@", "deny": ["tag:web:22"]}]}
            """
        let graph = PolicyGraph(policy: try Policy(text: Array(text.utf8)), nodes: Self.nodes)
        #expect(PolicyChecks(graph).run() == [])
    }

    @Test("SSH tests tell accepting from checking")
    func ssh() throws {
        func faults(_ test: String) throws -> Int {
            try self.faults(
                #""ssh": [{"action": "check", "src": ["ann@"], "dst": ["tag:web"], "users": ["root"]}, {"action": "accept", "src": ["ann@"], "dst": ["autogroup:self"], "users": ["autogroup:nonroot"]}], "sshTests": [\#(test)]"#
            ).count
        }
        #expect(
            try faults(
                #"{"src": "ann@", "dst": ["tag:web"], "accept": ["root"], "check": ["root"], "deny": ["ubuntu"]}"#
            ) == 0
        )
        #expect(try faults(#"{"src": "ann@", "dst": ["autogroup:self"], "accept": ["ubuntu"], "deny": ["root"]}"#) == 0)
        #expect(try faults(#"{"src": "ann@", "dst": ["autogroup:self"], "check": ["ubuntu"]}"#) == 1)
        #expect(try faults(#"{"src": "bob@", "dst": ["web"], "accept": ["root"]}"#) == 1)
        #expect(try faults(#"{"src": "ann@", "dst": ["tag:db"], "deny": ["root"]}"#) == 0)
        #expect(try faults(#"{"src": "ann@", "dst": ["tag:web"]}"#) == 1)
    }
}
