// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

package import Foundation

/// The real `needletail`, run as a process of its own in a temporary folder on free loopback ports.
///
/// For tests of what only a process can show: `kill -9`, signals, exit statuses, two servers on one directory.
package final class ServerProcess {
    /// What can go wrong with it.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// How a command ended.
    package struct CommandResult: Sendable {
        /// The exit status.
        package let status: Int32
        /// Standard output without the final line break.
        package let output: String
        /// Standard error.
        package let errors: String
    }

    /// Holds the configuration, the data and the output.
    package let folder: URL
    private var process: Process?
    private var runs = 0

    /// A server that does not run yet; `extraConfiguration` is YAML that is added to the usual.
    package init(extraConfiguration: String = "") throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "needle-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let configuration = """
            listen_addr: 127.0.0.1:0
            derp: {server: {stun_listen_addr: "127.0.0.1:0"}}
            \(extraConfiguration)
            """
        try configuration.write(to: folder.appending(path: "config.yaml"), atomically: true, encoding: .utf8)
    }

    deinit {
        if let process, process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    /// The program: `NEEDLE_BINARY`, else the one beside the test bundle.
    package static var program: URL {
        if let path = ProcessInfo.processInfo.environment["NEEDLE_BINARY"] { return URL(filePath: path) }
        return URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "needletail")
    }

    /// Where the server is, once it runs.
    package private(set) var url = ""

    /// Its process id, while it runs.
    package var identifier: Int32? { process.flatMap { $0.isRunning ? $0.processIdentifier : nil } }

    /// What it has written to standard error in this run.
    package var log: String { text("errors-\(runs)") }

    // MARK: - Running

    /// Starts it and waits until it accepts; the second time on the port of the first.
    package func start(timeLimit: Duration = .seconds(60)) async throws {
        runs += 1
        let process = try launch(["serve"] + options, output: "output-\(runs)", errors: "errors-\(runs)")
        self.process = process
        let deadline = ContinuousClock.now + timeLimit
        while ContinuousClock.now < deadline {
            if let url = text("output-\(runs)").firstMatch(of: /serves (http\S+)/)?.output.1 {
                self.url = String(url)
                try pinPort()
                return
            }
            guard process.isRunning else { throw Failure(description: "the server ended: \(log)") }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Failure(description: "the server did not accept within \(timeLimit): \(log)")
    }

    /// Ends it as a crash does; returns when it is gone.
    package func crash() async throws {
        try await end(with: SIGKILL)
    }

    /// Asks it to stop; returns its exit status.
    @discardableResult
    package func stop() async throws -> Int32 {
        try await end(with: SIGTERM)
        return process?.terminationStatus ?? -1
    }

    /// Sends it a signal that it is to survive.
    package func signal(_ number: Int32) {
        if let identifier { kill(identifier, number) }
    }

    /// Returns when the log of this run holds `text` so many times.
    package func waitForLog(_ text: String, count: Int, timeLimit: Duration = .seconds(30)) async throws {
        let deadline = ContinuousClock.now + timeLimit
        while log.ranges(of: text).count < count {
            guard ContinuousClock.now < deadline else {
                throw Failure(description: "'\(text)' is not \(count) times in the log: \(log)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Puts a file into ``folder``, or another in its place, as a whole.
    package func write(_ text: String, to name: String) throws {
        try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }

    private func end(with signal: Int32, timeLimit: Duration = .seconds(30)) async throws {
        guard let process else { return }
        kill(process.processIdentifier, signal)
        let deadline = ContinuousClock.now + timeLimit
        while process.isRunning {
            guard ContinuousClock.now < deadline else { throw Failure(description: "the server does not end: \(log)") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    // MARK: - Commands

    /// Runs a command of the same program against this server.
    package func command(_ arguments: String..., expecting status: Int32? = 0) async throws -> CommandResult {
        let name = UUID().uuidString
        let process = try launch(arguments + options, output: "\(name)-out", errors: "\(name)-err")
        let deadline = ContinuousClock.now + .seconds(60)
        while process.isRunning {
            guard ContinuousClock.now < deadline else {
                kill(process.processIdentifier, SIGKILL)
                throw Failure(description: "\(arguments) does not end")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        let result = CommandResult(
            status: process.terminationStatus,
            output: text("\(name)-out").trimmingCharacters(in: .newlines),
            errors: text("\(name)-err")
        )
        if let status, result.status != status {
            throw Failure(description: "\(arguments) ended with \(result.status): \(result.output) \(result.errors)")
        }
        return result
    }

    /// Makes a user with a reusable key, and returns the key.
    package func makeKey(user: String = "me") async throws -> String {
        _ = try await command("users", "create", user, expecting: nil)
        return try await command("preauthkeys", "create", "--user", user, "--reusable").output
    }

    // MARK: - Plumbing

    private var options: [String] {
        ["--config", path("config.yaml"), "--data-dir", path("data"), "--socket", path("s")]
    }

    private func launch(_ arguments: [String], output: String, errors: String) throws -> Process {
        let process = Process()
        process.executableURL = Self.program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try file(output)
        process.standardError = try file(errors)
        try process.run()
        return process
    }

    private func file(_ name: String) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path(name), contents: nil),
            let handle = FileHandle(forWritingAtPath: path(name))
        else { throw Failure(description: "cannot write \(path(name))") }
        return handle
    }

    /// A restarted server is found at the same place.
    private func pinPort() throws {
        guard runs == 1, let port = url.split(separator: ":").last else { return }
        let file = folder.appending(path: "config.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try text.replacing("listen_addr: 127.0.0.1:0", with: "listen_addr: 127.0.0.1:\(port)")
            .write(to: file, atomically: true, encoding: .utf8)
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

    private func text(_ name: String) -> String {
        (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }
}
