// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Logging
import NeedleAdmin
import NeedleCommands
import NeedleTesting
import NeedleTypes
import Testing

/// Runs command lines against a server that serves a gate in memory on a real socket.
struct CommandHarness {
    /// How a command line ended.
    struct Outcome {
        let status: Int32
        let output: String
        let error: String

        /// The output as JSON.
        var json: Any? { try? JSONSerialization.jsonObject(with: Data(output.utf8), options: .fragmentsAllowed) }
        /// The output as a JSON object.
        var object: [String: Any]? { json as? [String: Any] }
        /// The output as a JSON array.
        var array: [[String: Any]]? { json as? [[String: Any]] }
    }

    let gate: InlineGate
    let folder: URL
    var environment: [String: String] = [:]
    /// Where the policy is kept, if not in memory.
    var policy: PolicyKeeping?
    var startPatience = Duration.zero

    var socketPath: String { folder.appending(path: "needletail.sock").path }

    /// Calls `body` with a server that runs, in a folder of its own.
    static func withServer(
        keeping policy: PolicyKeeping? = nil,
        _ body: (CommandHarness) async throws -> Void
    ) async throws {
        try await withFolder { empty in
            var harness = empty
            harness.policy = policy
            try await harness.serve { [harness] in try await body(harness) }
        }
    }

    /// Calls `body` while a server serves the gate.
    func serve(_ body: () async throws -> Void) async throws {
        let gate = gate
        let api = AdminAPI(
            gate: gate,
            version: VersionObject(version: "1.2.3", serverURL: "https://control.example.com"),
            policy: policy ?? .database(text: { gate.policyText($0) }),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: { gate.now }
        )
        let (ready, isReady) = AsyncStream.makeStream(of: Void.self)
        let server = AdminServer(
            api: api,
            socket: AdminSocket(path: socketPath),
            logger: Logger(label: "test"),
            onReady: { isReady.yield() }
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { isReady.finish() }
                try await server.run()
            }
            for await _ in ready { break }
            try await body()
            group.cancelAll()
            while let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) { throw error }
            }
        }
    }

    /// Calls `body` with a folder of its own, where no server runs.
    static func withFolder(_ body: (CommandHarness) async throws -> Void) async throws {
        // Short, since the path of a socket has a limit.
        let folder = FileManager.default.temporaryDirectory.appending(path: "nt-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(CommandHarness(gate: InlineGate(), folder: folder))
    }

    /// Writes a file into the folder, and returns its path.
    func file(_ name: String, _ text: String) throws -> String {
        let file = folder.appending(path: name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    /// Runs a command line with `--socket` set to the server's; `answers` are typed at a terminal.
    func run(_ arguments: String..., answers: [String]? = nil, input: String? = nil) async -> Outcome {
        await run(arguments + ["--socket", socketPath], answers: answers, input: input)
    }

    /// Runs a command line as it is; `input` comes through a pipe.
    func run(_ arguments: [String], answers: [String]? = nil, input: String? = nil) async -> Outcome {
        let recorder = RecordingConsole(answers: answers, input: input)
        let gate = gate
        var context = CommandContext(
            console: recorder.console,
            environment: environment,
            now: { gate.now },
            socketPathReader: YAMLSocketPathReader(),
            version: VersionObject(version: "1.2.3", commit: "abc")
        )
        context.userName = "tester"
        context.startPatience = startPatience
        let status = await NeedletailCommand.run(arguments, in: context)
        return Outcome(status: status, output: recorder.output, error: recorder.error)
    }
}
