// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleTesting
import Testing

/// The load tool as a process that starts a server as another.
@Suite(.timeLimit(.minutes(5))) struct SpawningTests {
    @Test("a server that was spawned ends when the tool is killed with kill -9")
    func kill9() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "needle-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let tool = Process()
        tool.executableURL = ServerProcess.program
        tool.arguments = ["swarm", "run", "--spawn", "--preset", "mesh", "--nodes", "2", "--idle-seconds", "3600"]
        // What the tool leaves behind goes with this folder.
        tool.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": folder.path]) { $1 }
        tool.standardInput = FileHandle.nullDevice
        tool.standardOutput = FileHandle.nullDevice
        let errors = Pipe()
        tool.standardError = errors
        try tool.run()
        defer { if tool.isRunning { kill(tool.processIdentifier, SIGKILL) } }
        var said = ""
        // By then the server accepts connections.
        while !said.contains("a new server at") {
            let more = errors.fileHandleForReading.availableData
            try #require(!more.isEmpty, "the tool ended: \(said)")
            said += String(decoding: more, as: UTF8.self)
        }
        let server = try #require(Self.child(of: tool.processIdentifier))
        #expect(Self.isRunning(server))
        kill(tool.processIdentifier, SIGKILL)
        tool.waitUntilExit()
        let deadline = ContinuousClock.now + .seconds(60)
        while Self.isRunning(server), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        let isRunning = Self.isRunning(server)
        #expect(!isRunning)
        if isRunning { kill(server, SIGKILL) }
    }

    /// A process that another has started, as Linux says.
    private static func child(of parent: pid_t) -> pid_t? {
        let tasks = "/proc/\(parent)/task"
        for task in (try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? [] {
            let text = (try? String(contentsOfFile: "\(tasks)/\(task)/children", encoding: .utf8)) ?? ""
            if let child = text.split(separator: " ").first.flatMap({ pid_t($0) }) { return child }
        }
        return nil
    }

    /// Whether a process is there; one that has ended and waits for its parent to notice has no command line.
    private static func isRunning(_ process: pid_t) -> Bool {
        ((try? Data(contentsOf: URL(filePath: "/proc/\(process)/cmdline"))) ?? Data()).contains { $0 != 0 }
    }
}
