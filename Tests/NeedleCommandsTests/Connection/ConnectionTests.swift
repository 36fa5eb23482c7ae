// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleAdmin
import NeedleCommands
import NeedleModel
import NeedleTesting
import NeedleTypes
import Testing

@Suite("Which server, and whether it is there", .timeLimit(.minutes(1)))
struct ConnectionTests {
    @Test("without a server, the message names the socket and how to start one")
    func notRunning() async throws {
        try await CommandHarness.withFolder { harness in
            let text = await harness.run("users", "list")
            #expect(text.status == 1)
            #expect(text.output == "")
            #expect(text.error.contains("'\(harness.socketPath)'"))
            #expect(text.error.contains("needletail serve"))
            let json = await harness.run("users", "list", "-o", "json")
            #expect(json.status == 1)
            #expect(json.error.hasPrefix(#"{"error":"no server answers"#))
            #expect(json.error.split(separator: "\n").count == 1)
        }
    }

    @Test("a command waits for a server that is just starting")
    func startingServer() async throws {
        try await CommandHarness.withFolder { harness in
            var patient = harness
            patient.startPatience = .seconds(50)
            let running = Task { [patient] in await patient.run("users", "create", "alice") }
            try await harness.serve {
                let outcome = await running.value
                #expect(outcome.status == 0, "\(outcome.error)")
                #expect(harness.gate.snapshot.allUsers.map(\.name) == ["alice"])
            }
        }
    }

    @Test("a file that is no socket, and a socket that nobody serves")
    func deadSocket() async throws {
        try await CommandHarness.withServer { harness in
            let file = harness.folder.appending(path: "file").path
            try Data("x".utf8).write(to: URL(filePath: file))
            let outcome = await harness.run(["health", "--socket", file])
            #expect(outcome.status == 1)
            #expect(outcome.error.contains(file))
        }
    }

    @Test("the data directory, the configuration file, the environment and --socket, the last one first")
    func precedence() async throws {
        try await CommandHarness.withServer { harness in
            let file = harness.folder.appending(path: "config.yaml").path
            try Data("unix_socket: \(harness.socketPath)\nlog:\n  level: info\n".utf8).write(to: URL(filePath: file))
            let other = harness.folder.appending(path: "other.yaml").path
            try Data("unix_socket: /nonexistent.sock\n".utf8).write(to: URL(filePath: other))
            let silent = harness.folder.appending(path: "silent.yaml").path
            try Data("# nothing\n".utf8).write(to: URL(filePath: silent))

            let relative = harness.folder.appending(path: "relative.yaml").path
            try Data("Unix_Socket: ./needletail.sock\n".utf8).write(to: URL(filePath: relative))

            #expect(await harness.run(["health", "-c", relative]).status == 0)
            #expect(await harness.run(["health", "--data-dir", harness.folder.path]).status == 0)
            #expect(await harness.run(["health", "--data-dir", harness.folder.path + "/"]).status == 0)
            #expect(await harness.run(["-c", file, "health", "--data-dir", "/nonexistent"]).status == 0)
            #expect(await harness.run(["health", "-c", silent, "--data-dir", harness.folder.path]).status == 0)
            #expect(await harness.run(["health", "-c", other, "--data-dir", harness.folder.path]).status == 1)
            #expect(await harness.run(["health", "-c", other, "--socket", harness.socketPath]).status == 0)
            var inEnvironment = harness
            inEnvironment.environment = ["NEEDLETAIL_UNIX_SOCKET": harness.socketPath]
            #expect(await inEnvironment.run(["health", "--config", other]).status == 0)
            inEnvironment.environment = ["NEEDLETAIL_CONFIG": file]
            #expect(await inEnvironment.run(["health"]).status == 0)
            inEnvironment.environment = ["NEEDLETAIL_DATA_DIR": harness.folder.path]
            #expect(await inEnvironment.run(["health"]).status == 0)
            #expect(await inEnvironment.run(["health", "--data-dir", "/nonexistent"]).status == 1)
        }
    }

    @Test("a configuration file that is missing or broken is named")
    func brokenConfiguration() async throws {
        try await CommandHarness.withFolder { harness in
            let missing = await harness.run(["health", "-c", "/nonexistent.yaml"])
            #expect(missing.status == 1)
            #expect(missing.error.contains("'/nonexistent.yaml'"))
            let file = harness.folder.appending(path: "bad.yaml").path
            try Data("a: [".utf8).write(to: URL(filePath: file))
            #expect(await harness.run(["health", "-c", file]).error.contains("not YAML"))
        }
    }

    @Test(
        "what a configuration file may say about the socket",
        arguments: [
            ("", nil), ("# nothing", nil), ("unix_socket:", nil), ("unix_socket: ~", nil), ("unix_socket: null", nil),
            ("unix_socket: [a]", nil), ("other: /a.sock", nil), ("- a", nil), ("unix_socket: /a.sock", "/a.sock"),
            (#"{"unix_socket":"/a.sock"}"#, "/a.sock"), ("UNIX_SOCKET: '/a b.sock'", "/a b.sock"),
            ("unix_socket: run/a.sock", "FOLDER/run/a.sock"),
        ]
    )
    func socketPath(text: String, path: String?) async throws {
        try await CommandHarness.withFolder { harness in
            let file = harness.folder.appending(path: "config.yaml").path
            try Data(text.utf8).write(to: URL(filePath: file))
            let found = try YAMLSocketPathReader().socketPath(inConfigurationAt: file)
            #expect(found == path?.replacingOccurrences(of: "FOLDER", with: harness.folder.path))
        }
    }

    @Test("a configuration file that turns the socket off is named")
    func noSocket() async throws {
        try await CommandHarness.withFolder { harness in
            let file = harness.folder.appending(path: "config.yaml").path
            try Data("unix_socket: ''\n".utf8).write(to: URL(filePath: file))
            let outcome = await harness.run(["health", "--config", file])
            #expect(outcome.status == 1)
            #expect(outcome.error.contains("turns the administrators' socket off"))
        }
    }

    @Test("a path that no socket can have")
    func longPath() async throws {
        try await CommandHarness.withFolder { harness in
            let path = "/" + String(repeating: "x", count: 120)
            let outcome = await harness.run(["health", "--socket", path])
            #expect(outcome.status == 1)
            #expect(outcome.error.contains("121 bytes"))
            #expect(await harness.run(["health", "--socket", ""]).status == 1)
        }
    }

    @Test("odd characters in the path reach the server too")
    func oddPath() async throws {
        try await CommandHarness.withFolder { harness in
            let folder = harness.folder.appending(path: "Ä b%20+&?#")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let path = folder.appending(path: "S.sock").path
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: harness.socketPath)
            let outcome = await harness.run(["health", "--socket", path])
            #expect(outcome.error.contains("no server answers"))
            try FileManager.default.removeItem(atPath: path)
            try await CommandHarness.withServer { served in
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: served.socketPath)
                let outcome = await served.run(["health", "--socket", path])
                #expect(outcome.status == 0, "\(outcome.error)")
            }
        }
    }

    @Test("a server that refuses for now is quoted")
    func unavailable() async throws {
        try await CommandHarness.withServer { harness in
            harness.gate.refuseEverything(with: ModelError(.unavailable, "too many commands wait; try again"))
            let outcome = await harness.run("users", "create", "alice")
            #expect(outcome.status == 1)
            #expect(outcome.error == "error: too many commands wait; try again\n")
        }
    }

    @Test("a body beyond the limit is refused, not cut off")
    func hugeBody() async throws {
        try await CommandHarness.withServer { harness in
            let name = String(repeating: "x", count: 2 << 20)
            let outcome = await harness.run("users", "create", "alice", "-d", name)
            #expect(outcome.status == 1)
            #expect(outcome.error.contains("1048576 bytes"), "\(outcome.error.prefix(300))")
            #expect(await harness.run("users", "list", "-o", "json-line").output == "[]\n")
        }
    }
}
