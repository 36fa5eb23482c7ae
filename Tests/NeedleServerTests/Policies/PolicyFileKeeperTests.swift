// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleModel
import NeedlePolicy
import NeedleTesting
import Testing

@testable import NeedleServer

@Suite(.timeLimit(.minutes(1))) struct PolicyFileKeeperTests {
    private let directory: TemporaryDirectory
    private let gate = InlineGate()
    private let log = RecordedLog()
    private let file: PolicyFile

    init() throws {
        directory = try TemporaryDirectory()
        file = PolicyFile(path: directory.path("policy.hujson"))
    }

    private var keeper: PolicyFileKeeper {
        PolicyFileKeeper(file, readIn: file.stamp(), gate: gate, logger: log.logger)
    }

    private var inForce: String { String(decoding: gate.snapshot.policy.policy.text, as: UTF8.self) }

    @Test("a change is put in force, and said in the log with its numbers")
    func change() async throws {
        try write("{}")
        let keeper = keeper
        try write(#"{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:22"]}]}"#)
        await keeper.look()
        #expect(inForce == "{}", "an editor may not be done yet")
        await keeper.look()
        #expect(inForce.contains("*:22"))
        #expect(log.count("info a policy came into force", "rules=1", "nodes=0", "milliseconds=", file.path) == 1)
        #expect(gate.snapshot.policyVersions.isEmpty, "versions of a file are not kept here")
        await keeper.look()
        #expect(log.lines.count == 1)
    }

    @Test("a refused change leaves the old one, is told a line for each thing, and is tried once")
    func refusal() async throws {
        try write(#"{"acls": []}"#)
        let keeper = keeper
        try await keeper.reload()
        try write("{\"acls\": [{\"action\": \"refuse\", \"src\": [\"*\"], \"dst\": [\"*:*\"]}],\n \"group\": {}}")
        for _ in 0..<4 { await keeper.look() }
        #expect(inForce == #"{"acls": []}"#)
        #expect(log.count("warning", "the one before stays in force") == 1)
        #expect(log.count("wrong in the policy", "line 1") == 1, "\(log.lines)")
        #expect(log.count("wrong in the policy", "line 2") == 1, "\(log.lines)")
        try write(#"{"acls": [] }"#)
        for _ in 0..<2 { await keeper.look() }
        #expect(inForce == #"{"acls": [] }"#)
    }

    @Test("a policy whose tests fail with the nodes that there are is refused")
    func tests() async throws {
        _ = try gate.join("laptop", user: "alice")
        try write(#"{"acls": [], "tests": [{"src": "alice@", "accept": ["100.64.0.1:22"]}]}"#)
        let error = await #expect(throws: ModelError.self) { try await keeper.reload() }
        #expect(error?.message.contains("test(s) failed") == true)
        #expect(inForce == "{}")
    }

    @Test("a file that goes leaves the old one")
    func gone() async throws {
        try write(#"{"acls": []}"#)
        let keeper = keeper
        try await keeper.reload()
        try FileManager.default.removeItem(atPath: file.path)
        for _ in 0..<4 { await keeper.look() }
        #expect(inForce == #"{"acls": []}"#)
        #expect(log.count("cannot be read", file.path) == 1)
        let error = await #expect(throws: ModelError.self) { try await keeper.reload() }
        #expect(error?.code == .invalid && error?.message.contains("is not there") == true)
    }

    @Test("of many reloads at once the newest text is in force at the end")
    func order() async throws {
        try write("{}")
        let keeper = keeper
        try await withThrowingTaskGroup { group in
            for number in 0..<50 {
                try write("{} // \(number)")
                group.addTask { try await keeper.reload() }
            }
            try await group.waitForAll()
        }
        #expect(inForce == "{} // 49")
    }

    private func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: file.path), options: .atomic)
    }
}
