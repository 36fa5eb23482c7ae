// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import HuJSON
import NeedleTypes
import Testing

@testable import NeedlePolicy

@Suite struct PolicyEvaluationTests {
    private static let tailnet = """
        {"users": [{"id": 7, "name": "ann", "email": "ann@example.com"}, {"name": "bob", "email": "bob@example.com"}],
         "nodes": {
           "z": {"user": "ann", "ipv4": "100.64.0.1", "ipv6": "fd7a::1", "unknown": 1, "attributes": {"node:os": "linux", "custom:n": 2}},
           "a": {"tags": ["tag:r"], "ipv4": "100.64.0.2", "routable_ips": ["10.0.0.0/8"], "approved_routes": null,
                 "created": "2026-04-10T15:25:30.181646069Z"},
         },
         "tailnet": {"settings": {"devices_auto_updates_on": true}}}
        """
    private static let policy = """
        {"tagOwners": {"tag:r": []}, "autoApprovers": {"routes": {"10.0.0.0/8": ["tag:r"]}},
         "acls": [{"action": "accept", "src": ["ann@example.com"], "dst": ["10.0.0.0/8:22"]}]}
        """

    @Test("reads a tailnet, in the order of the file")
    func reading() throws {
        let file = try TailnetFile(text: Array(Self.tailnet.utf8))
        #expect(file.names == ["z", "a"])
        #expect(file.nodes.map(\.slot.index) == [0, 1])
        #expect(file.nodes[0].user?.id == UserID(7) && file.nodes[0].user?.role == .owner)
        #expect(file.nodes[0].attributes == ["node:os": .string("linux"), "custom:n": .number(2)])
        #expect(file.nodes[1].user == nil && file.nodes[1].tags == ["tag:r"] && file.nodes[1].created != nil)
        #expect(file.tailnet == TailnetFacts(domain: "example.com", updatesDevices: true))
    }

    @Test("roles in the file count when there are any")
    func roles() throws {
        let text =
            #"{"users": [{"name": "a", "role": "auditor"}, {"name": "b"}, {"name": "c", "role": "owner"}], "nodes": {"n": {"user": "a"}, "m": {"user": "b"}, "o": {"user": "c"}}}"#
        #expect(try TailnetFile(text: Array(text.utf8)).nodes.map(\.user?.role) == [.auditor, .member, .owner])
    }

    @Test("names a user that does not exist, and text that is no JSON")
    func refusals() {
        let unknown = #expect(throws: PolicyError.self) {
            try TailnetFile(text: Array(#"{"nodes": {"n": {"user": "x"}}}"#.utf8))
        }
        #expect(unknown?.description == #"line 1, column 17: node "n": there is no user "x""#)
        #expect(throws: PolicyError.self) { try TailnetFile(text: Array("{".utf8)) }
    }

    @Test("writes what every node would be given")
    func writing() throws {
        let file = try TailnetFile(text: Array(Self.tailnet.utf8))
        let evaluation = try PolicyEvaluation(policy: Array(Self.policy.utf8), tailnet: file)
        let json = JSON(try HuJSONDocument(evaluation.json(names: file.names)).root)["nodes"]
        #expect(json.object?.keys.sorted() == ["a", "z"])
        #expect(json["z"]["peers"]["a"]["allowedIPs"].canonical == #"["100.64.0.2/32","10.0.0.0/8"]"#)
        #expect(json["z"]["peers"]["a"]["primaryRoutes"].canonical == #"["10.0.0.0/8"]"#)
        #expect(json["a"]["peers"]["z"].isEmpty)
        #expect(json["a"]["packetFilter"].array?.count == 1)
        #expect(json["a"]["self"]["capMap"]["default-auto-update"].canonical == "[true]")
        #expect(json["z"]["sshPolicy"] == .null)
    }

    @Test("writes a refusal as an error")
    func refusal() {
        let error = PolicyError(findings: [PolicyFinding("one \"two\""), PolicyFinding("three")])
        #expect(String(decoding: PolicyEvaluation.json(error), as: UTF8.self) == #"{"error":"one \"two\"\nthree"}"#)
    }
}
