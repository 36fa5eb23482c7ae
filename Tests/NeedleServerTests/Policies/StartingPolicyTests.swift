// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleModel
import NeedlePolicy
import NeedleTesting
import NeedleTypes
import Testing

@testable import NeedleServer

@Suite struct StartingPolicyTests {
    private let directory: TemporaryDirectory
    private let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path("policy.hujson")
    }

    @Test("without a policy, everything is allowed, and the log says so", arguments: Configuration.Policy.Mode.allCases)
    func none(mode: Configuration.Policy.Mode) throws {
        let start = try StartingPolicy(configuration(mode), stored: StoredTailnet())
        #expect(start.policy.text == Policy.allowAll.text)
        #expect(start.file == nil)
        #expect(report(start).contains { $0.contains("every node may reach every node") })
    }

    @Test("a file is read")
    func file() throws {
        try write(#"{"acls": []}"#)
        let start = try StartingPolicy(configuration(.file, path: path), stored: StoredTailnet())
        #expect(start.policy.text == Array(#"{"acls": []}"#.utf8))
        #expect(start.file?.stamp == PolicyFile(path: path).stamp())
        #expect(report(start).contains { $0.contains("came into force") && $0.contains("rules=0") })
    }

    @Test("a file that is not there, or that is wrong, keeps the server from starting, with all that is wrong")
    func badFile() throws {
        #expect(refusal(configuration(.file, path: path), StoredTailnet()).contains("is not there"))
        try write("{\"acls\": [{\"action\": \"refuse\"}],\n  \"group\": {}}")
        let text = refusal(configuration(.file, path: path), StoredTailnet())
        #expect(text.contains("policy.path"))
        #expect(text.contains("\(path):1:"))
        #expect(text.contains("\(path):2:3: "))
    }

    @Test("a stored policy is the newest one")
    func database() throws {
        let stored = StoreConformance.fold([
            StoreConformance.batch(policies: [policy(1, "{}"), policy(2, #"{"acls": []}"#)])
        ])
        let start = try StartingPolicy(configuration(.database), stored: stored)
        #expect(start.policy.text == Array(#"{"acls": []}"#.utf8))
        #expect(report(start).contains { $0.contains("source=version 2") })
    }

    @Test("a stored policy that cannot be read keeps the server from starting, and says how to get out of that")
    func badDatabase() throws {
        let stored = StoreConformance.fold([StoreConformance.batch(policies: [policy(7, "{\"acls\": [")])])
        let text = refusal(configuration(.database), stored)
        #expect(text.contains("version 7"))
        #expect(text.contains("sqlite3 '/data/db' 'SELECT text FROM policies WHERE id = 7' >policy.hujson"))
        #expect(text.contains("policy:1:"))
    }

    @Test("tests of a stored policy that fail are a warning")
    func failingTests() throws {
        let text = #"{"acls": [], "tests": [{"src": "user1@example.com", "accept": ["100.64.0.1:22"]}]}"#
        let stored = StoreConformance.fold([
            StoreConformance.batch(
                users: [StoreSamples.user(1)],
                nodes: [StoreSamples.node(1, user: 1)],
                policies: [policy(1, text)]
            )
        ])
        let start = try StartingPolicy(configuration(.database), stored: stored)
        let lines = report(start, stored)
        #expect(lines.contains { $0.hasPrefix("warning") && $0.contains("test(s) failed") }, "\(lines)")
        #expect(lines.contains { $0.contains("came into force") && $0.contains("nodes=1") })
    }

    @Test("a stored policy that names the domain of a former owner is a warning, a file that does so is wrong")
    func otherDomain() throws {
        let text = #"{"acls": [{"action": "accept", "src": ["user:*@example.net"], "dst": ["*:*"]}]}"#
        let stored = StoreConformance.fold([
            StoreConformance.batch(users: [StoreSamples.user(1)], policies: [policy(1, text)])
        ])
        let start = try StartingPolicy(configuration(.database), stored: stored)
        #expect(!start.doubts.isEmpty)
        #expect(start.policy.ruleCount == 1)
        try write(text)
        #expect(refusal(configuration(.file, path: path), stored).contains("\(path):1:"))
    }

    @Test("configtest finds what would keep a server from starting")
    func findings() throws {
        #expect(configuration(.file).policyFindings() == [])
        #expect(configuration(.database, path: path).policyFindings() == [])
        #expect(configuration(.file, path: path).policyFindings().first?.problem.contains("is not there") == true)
        try write("{\"acls\": [],\n  \"group\": {},\n  \"tests\": 1}")
        let found = configuration(.file, path: path).policyFindings()
        #expect(found.map(\.key) == ["policy.path", "policy.path"])
        #expect(found.allSatisfy { $0.severity == .error && $0.problem.hasPrefix("\(path):") })
        try write("{}")
        #expect(configuration(.file, path: path).policyFindings() == [])
    }

    // MARK: -

    private func configuration(_ mode: Configuration.Policy.Mode, path: String = "") -> Configuration {
        var configuration = Configuration(dataDirectory: "/data")
        configuration.policy.mode = mode
        configuration.policy.path = path
        configuration.database.sqlite.path = "/data/db"
        return configuration
    }

    private func policy(_ id: Int64, _ text: String) -> StoredPolicy { StoreSamples.policy(id, text: text) }

    private func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private func refusal(_ configuration: Configuration, _ stored: StoredTailnet) -> String {
        #expect(throws: ServerError.self) { try StartingPolicy(configuration, stored: stored) }?.description ?? ""
    }

    private func report(_ start: StartingPolicy, _ stored: StoredTailnet = StoredTailnet()) -> [String] {
        let engine = TailnetEngine(
            id: TailnetID(1),
            settings: InlineGate.settings(),
            policy: start.policy,
            stored: stored,
            now: .zero,
            random: SeededRandom(seed: 1)
        )
        let log = RecordedLog()
        start.report(engine.tailnet, took: .milliseconds(1), to: log.logger)
        return log.lines
    }
}
