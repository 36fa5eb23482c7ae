// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Testing

@testable import NeedleSwarm

@Suite struct NamedFileTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// What a call throws, which must not be what Foundation says.
    private func problem(_ body: () throws -> Void) throws -> String {
        let error = try #require(throws: PlanError.self, performing: body)
        for word in ["Error Domain", "NSCocoa", "DecodingError", "CodingKeys", "debugDescription"] {
            #expect(!error.description.contains(word), "\(error)")
        }
        return error.description
    }

    private static let roster = """
        {
          "preset": "policy", "seed": "1", "users": ["alice"], "tags": [], "groups": {},
          "nodes": [
            {"hostname": "a", "osname": "linux", "user": "alice", "key": "user:alice", "expect_peers": 0},
            NODE
          ]
        }
        """

    @Test(
        "a broken roster is named, with the line and the field",
        arguments: [
            (#"{"hostname": "b", "osname": "linux", "key": "k"}"#, "'nodes[1].expect_peers' is missing"),
            (
                #"{"hostname": "b", "osname": "linux", "key": "k", "expect_peers": "SECRET"}"#,
                "'nodes[1].expect_peers' must be a whole number"
            ),
            (#"{"hostname": null}"#, "'nodes[1].hostname' must be a text in quotes"),
            (#"{"hostname": "b" "osname"}"#, "line 5, column "),
            (#"7"#, "'nodes[1]' must be an object {…}"),
            (#"{"hostname": "b", "osname": "o", "key": "k", "expect_peers": 0}"#, "'b' has neither a user nor tags"),
        ] as [(String, String)]
    )
    func roster(node: String, text: String) throws {
        let path = try folder.file("roster.json", Self.roster.replacingOccurrences(of: "NODE", with: node))
        let problem = try self.problem { _ = try Roster.read(file: path) }
        #expect(problem.contains("the roster '\(path)' cannot be used"), "\(problem)")
        #expect(problem.contains(text), "\(problem)")
        #expect(problem.contains("line 5") || problem.contains("neither"), "\(problem)")
        #expect(problem.contains("'needletail swarm plan'"), "\(problem)")
        #expect(!problem.contains("SECRET"))
    }

    @Test(
        "a file that is something else altogether is named, with what it must be",
        arguments: [
            ("", "it is no JSON: line 1"), ("[]", "the whole must be an object {…}"), ("{}", "is missing"),
            (#"{"preset": "p", "seed": "1", "marker_port": 1.5}"#, "a number that is not whole"),
            ("// c\n{}", "comments"),
        ] as [(String, String)]
    )
    func nonsense(json: String, text: String) throws {
        let path = try folder.file("roster.json", json)
        let problem = try self.problem { _ = try Roster.read(file: path) }
        #expect(problem.contains(path) && problem.contains(text), "\(problem)")
    }

    @Test("places are found by the path of a field, as deep as it goes")
    func places() {
        struct Key: CodingKey {
            var stringValue = ""
            var intValue: Int?
            init(_ name: String) { stringValue = name }
            init(_ index: Int) { intValue = index }
            init?(stringValue: String) { nil }
            init?(intValue: Int) { nil }
        }
        let json = Array("{\"a\": [1,\n {\"b\": 2}]}".utf8)
        func place(_ path: [Key]) -> String { NamedFile.place(path, in: json).map { "\($0)" } ?? "nowhere" }
        #expect(place([Key("a"), Key(1), Key("b")]) == "line 2, column 8")
        #expect(place([Key("a"), Key(7)]) == "line 1, column 7")
        #expect(place([Key("x")]) == "line 1, column 1")
        #expect(NamedFile.place([], in: Array("{".utf8)) == nil)
    }

    @Test("files that cannot be read are named, with the reason and what to do")
    func reading() throws {
        let missing = try problem { _ = try NamedFile.read(folder.path("no"), "the roster", advice: "write one") }
        #expect(missing == "the roster '\(folder.path("no"))' cannot be read: it is not there; write one")
        let isFolder = try problem { _ = try NamedFile.policy(folder.url.path) }
        #expect(isFolder.hasSuffix("cannot be read: it is a folder; name it with --policy"), "\(isFolder)")
        let path = try folder.file("policy.hujson", "{\n \"acls\" []}")
        let broken = try problem { _ = try NamedFile.policy(path) }
        #expect(broken.hasPrefix("the policy '\(path)' cannot be used: the policy is no HuJSON: line 2, column"))
        try Data([0x22, 0xff, 0x22]).write(to: URL(filePath: path))
        #expect(try problem { _ = try NamedFile.policy(path) }.contains("not text in UTF-8"))
    }

    @Test("files and folders that cannot be written are named, with the reason and what to do")
    func writing() throws {
        let file = try folder.file("file", "")
        #expect(
            try problem { try NamedFile.write(Data(), to: folder.path("no/file"), advice: "say --out") }
                == "'\(folder.path("no/file"))' cannot be written: its folder is not there; say --out"
        )
        #expect(
            try problem { try NamedFile.write(Data(), to: folder.url.path, advice: "say --out") }
                .hasSuffix("it is a folder; say --out")
        )
        #expect(
            try problem { try NamedFile.makeFolder(file, advice: "say --out") }
                == "the folder '\(file)' cannot be made: there is a file of that name; say --out"
        )
        #expect(
            try problem { try NamedFile.makeFolder(file + "/in", advice: "say --out") }
                .hasSuffix("a part of its path is a file and no folder; say --out")
        )
    }

    @Test("a plan whose second policy is there but broken is refused, and one without a second is read")
    func besides() throws {
        let plan = try FleetBuilder.plan(for: "{}", FleetProportions(nodes: 2))
        try plan.write(to: folder.url.path)
        let roster = folder.path(SwarmPlan.rosterName)
        #expect(try SwarmPlan.read(roster: roster).policy2 == nil)
        _ = try folder.file(SwarmPlan.policy2Name, "{")
        let problem = try self.problem { _ = try SwarmPlan.read(roster: roster) }
        #expect(problem.contains(SwarmPlan.policy2Name), "\(problem)")
        let other = try self.problem { _ = try SwarmPlan.read(roster: roster, policy2: folder.path("no")) }
        #expect(other.contains("--policy2"), "\(other)")
    }

    @Test("a plan leaves no policy of an earlier one in its folder")
    func stale() throws {
        let first = try SwarmPreset.ctf.plan(SwarmPreset.ctf.sizes(nodes: 12))
        try first.write(to: folder.url.path)
        #expect(try folder.names == ["policy-small.hujson", "policy.hujson", "policy2.hujson", "roster.json"])
        _ = try folder.file("notes.txt", "mine")
        let second = try FleetBuilder.plan(for: "{}", FleetProportions(nodes: 2))
        try second.write(to: folder.url.path)
        #expect(try folder.names == ["notes.txt", "policy.hujson", "roster.json"])
        let read = try SwarmPlan.read(roster: folder.path(SwarmPlan.rosterName))
        #expect(read.policy2 == nil && read.policySmall == nil)
        #expect(read.roster == second.roster)
    }
}
