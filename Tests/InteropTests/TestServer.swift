// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Synchronization

/// The real server in a process of its own, on loopback, with a temporary data directory.
final class TestServer: Sendable {
    /// How long the server may take until it accepts; 2 s on a machine that has nothing else to do.
    static let startLimit = Duration.seconds(60)
    static let commandLimit = Duration.seconds(60)

    let url: String
    let folder: URL
    private let binary: URL
    private let port: UInt16
    private let listenPort: UInt16
    private let front: ChildProcess?
    private let running = Mutex<ChildProcess?>(nil)
    private let processes = Atomic(0)

    private init(scheme: String, hasFront: Bool, folder: URL) throws {
        binary = try Interop.binary()
        port = try LoopbackPort.unused()
        listenPort = hasFront ? try LoopbackPort.unused() : port
        url = "\(scheme)://127.0.0.1:\(port)"
        self.folder = folder
        let configuration = """
            server_url: \(url)
            listen_addr: 127.0.0.1:\(listenPort)
            tls_cert_path: \(try Interop.prepared("server.pem").path(percentEncoded: false))
            tls_key_path: \(try Interop.prepared("server.key").path(percentEncoded: false))
            policy: {mode: database}
            derp: {server: {stun_listen_addr: "127.0.0.1:\(try LoopbackPort.unused())"}}
            """
        try Data(configuration.utf8).write(to: folder.appending(path: "config.yaml"))
        let arguments = [Interop.script("front.py").path(percentEncoded: false), "\(port)", "\(listenPort)"]
        front = hasFront ? try ChildProcess("front", Interop.python(), arguments, in: folder) : nil
    }

    /// Runs `scenario` with a server that has the user `me`, and ends the server however the scenario ends.
    ///
    /// With a front, clients reach the server through a process that keeps the port open while there is no server.
    static func run(
        scheme: String = "http",
        hasFront: Bool = false,
        _ scenario: (TestServer) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "needle-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = try TestServer(scheme: scheme, hasFront: hasFront, folder: folder)
        do {
            try await server.start()
            try await server.command("users", "create", "me")
            try await scenario(server)
        } catch {
            print("the server's last words:\n\(server.running.withLock { $0 }?.lastErrors ?? "")")
            await server.end()
            throw error
        }
        await server.end()
    }

    // MARK: - Life

    func start() async throws {
        if let front {
            try await front.wait(until: "it listens", within: Self.startLimit) { front.output.contains("ready") }
        }
        let arguments = ["serve", "--config", "config.yaml", "--data-dir", "data"]
        let process = try ChildProcess("server", binary, arguments, in: folder)
        running.withLock { $0 = process }
        try await process.wait(until: "it serves", within: Self.startLimit) {
            process.output.contains("serves \(url)")
        }
    }

    /// Ends the server with `signal`, and returns once it is gone.
    func stop(signal: Int32) async throws {
        guard let process = running.withLock({ $0 }) else { return }
        process.send(signal: signal)
        _ = try await process.exitStatus(within: ChildProcess.endLimit)
    }

    private func end() async {
        await running.withLock { $0 }?.end()
        await front?.end()
    }

    /// A number for the next process that uses this server's folder.
    func nextNumber() -> Int { processes.add(1, ordering: .relaxed).newValue }

    // MARK: - Commands

    /// Runs a command of the command line against the server, and returns what it prints.
    @discardableResult
    func command(_ arguments: String...) async throws -> String {
        try await command(arguments)
    }

    private func command(_ arguments: [String]) async throws -> String {
        let process = try ChildProcess(
            "command-\(nextNumber())",
            binary,
            arguments + ["--data-dir", "data"],
            in: folder
        )
        guard try await process.exitStatus(within: Self.commandLimit) == 0 else {
            throw InteropError("needletail \(arguments.joined(separator: " ")): \(process.lastErrors)")
        }
        return process.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Makes a key of `me` with further `options`.
    func makeKey(_ options: String...) async throws -> String {
        try await command(["preauthkeys", "create", "--user", "me"] + options)
    }

    /// Puts a policy in force.
    func setPolicy(_ text: String) async throws {
        let file = folder.appending(path: "policy.hujson")
        try Data(text.utf8).write(to: file)
        try await command("policy", "set", "policy.hujson", "--force")
    }

    // MARK: - Nodes

    struct Node: Decodable {
        let id: String
        let givenName: String
        let ipAddresses: [String]
        let tags: [String]
        let online: Bool
    }

    func nodes() async throws -> [Node] {
        let list = try await command("nodes", "list", "--output", "json")
        return try JSONDecoder().decode([Node].self, from: Data(list.utf8))
    }

    /// Waits until the server says of all nodes that they are connected.
    func awaitAllOnline() async throws {
        let deadline = ContinuousClock.now + Self.commandLimit
        while true {
            let nodes = try await nodes()
            if nodes.allSatisfy(\.online) { return }
            if ContinuousClock.now > deadline { throw InteropError("not all are online: \(nodes)") }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    func nodeID(_ name: String) async throws -> String {
        let nodes = try await nodes()
        guard let node = nodes.first(where: { $0.givenName == name }) else {
            throw InteropError("there is no node \(name) among \(nodes.map(\.givenName))")
        }
        return node.id
    }
}
