// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import NeedleTypes
import NeedleWire
import Testing

@testable import NeedlePolicy

@Suite struct PostureTests {
    private static let node: [String: AttributeValue] = [
        "node:os": .string("linux"), "node:tsVersion": .string("1.60.1"), "custom:tier": .number(2),
        "custom:managed": .bool(true), "node:osVersion": .string("13.4.0"),
    ]

    @Test(
        "decides conditions",
        arguments: [
            ("node:os == 'linux'", true), ("node:os=='macos'", false), ("node:os != 'macos'", true),
            ("node:os IN ['linux', 'macos']", true), ("node:os in ['windows']", false),
            ("node:os NOT IN ['windows']", true), ("node:os not in ['linux']", false),
            ("node:tsVersion >= '1.60'", true), ("node:tsVersion > '1.60'", true), ("node:tsVersion < '1.100'", true),
            ("node:tsVersion <= '1.60.1'", true), ("node:osVersion >= '13.10'", false),
            ("custom:tier >= 2", true), ("custom:tier < 2", false), ("custom:tier == '2'", false),
            ("custom:managed == true", true), ("custom:managed == false", false),
            ("custom:absent IS SET", false), ("custom:absent NOT SET", true), ("custom:tier IS SET", true),
            ("custom:absent == 1", false), ("custom:absent != 1", true), ("custom:absent NOT IN [1]", true),
            ("custom:tier > 'high'", false),
        ]
    )
    func conditions(text: String, isMet: Bool) throws {
        #expect(try PostureParser.parse(text).holds(for: Self.node) == isMet)
    }

    @Test(
        "refuses what is no condition",
        arguments: [
            "", "os == 'linux'", "node:os", "node:os = 'linux'", "node:os == linux", "node:os IN 'linux'",
            "node:os == ", "node:os IS SET now", "node:os == 'linux", "node: == 1",
        ]
    )
    func refusals(text: String) {
        #expect(throws: SyntaxFailure.self) { try PostureParser.parse(text) }
    }

    @Test("a rule applies to sources that meet any of its postures, and all lines of that one")
    func rules() throws {
        let text = """
            {"tagOwners": {"tag:a": [], "tag:b": []},
             "postures": {"posture:new": ["node:tsVersion >= '1.70'"], "posture:linux": ["node:os == 'linux'", "custom:ok IS SET"]},
             "defaultSrcPosture": ["posture:new"],
             "acls": [{"action": "accept", "src": ["tag:a"], "dst": ["tag:b:22"], "srcPosture": ["posture:new", "posture:linux"]},
                      {"action": "accept", "src": ["*"], "dst": ["tag:b:80"]}]}
            """
        let policy = try Policy(text: Array(text.utf8))
        let nodes = [
            TestNodes.tagged("tag:a", slot: 0, attributes: ["node:os": .string("linux"), "custom:ok": .bool(false)]),
            TestNodes.tagged("tag:a", slot: 1, attributes: ["node:os": .string("linux")]),
            TestNodes.tagged("tag:a", slot: 2, attributes: ["node:tsVersion": .string("1.80.0")]),
            TestNodes.tagged("tag:b", slot: 3),
        ]
        let graph = PolicyGraph(policy: policy, nodes: nodes)
        #expect(graph.peers(of: nodes[3].slot) == [nodes[0].slot, nodes[2].slot])
        let rules = MergedFilters(graph).filter(of: nodes[3].slot)
        #expect(rules.map(\.srcIPs.count) == [4, 2])
    }
}
