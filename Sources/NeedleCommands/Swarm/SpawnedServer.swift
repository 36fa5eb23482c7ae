// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import NeedleSwarm
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A new server of this program, on loopback and in a temporary folder; it is killed and forgotten afterwards.
final class SpawnedServer: Sendable {
    /// Where it keeps everything.
    let folder: URL
    /// Where clients reach it.
    let url: String
    private let program: URL
    /// Whether the program is this one, which can be told to end with its input; another build may not know that.
    private let isOwnProgram: Bool
    private let process = Mutex<Process?>(nil)

    private static let startTimeMax = Duration.seconds(60)
    private static let pause = Duration.milliseconds(5)
    private static let advice = "set TMPDIR to a folder of yours with room"

    /// Writes the configuration of a server with this policy.
    ///
    /// - Parameters:
    ///   - policy: nil leaves the server without one, which lets everybody see everybody.
    ///   - program: what to run instead of this program itself.
    /// - Throws: ``PlanError`` if the file system refuses, or ``CommandError`` if no port is free or there is no program.
    init(policy: String?, program: String? = nil) throws {
        if let program, !FileManager.default.isExecutableFile(atPath: program) {
            throw CommandError("'\(program)' is no program that this user may run; name one with --spawn-program")
        }
        let own = FileManager.default.temporaryDirectory.appending(
            path: "needletail-swarm-\(UUID().uuidString.prefix(8))"
        )
        try NamedFile.makeFolder(own.path, attributes: [.posixPermissions: 0o700], advice: Self.advice)
        folder = own
        self.program = URL(filePath: try program ?? Self.ownProgram())
        isOwnProgram = program == nil
        let port = try Self.freePort()
        url = "http://127.0.0.1:\(port)"
        var configuration = """
            listen_addr: 127.0.0.1:\(port)
            derp: {server: {stun_listen_addr: "127.0.0.1:0"}}
            unix_socket: \(socketPath)
            log: {level: warn}
            limits: {connections: 100000}

            """
        if let policy {
            try NamedFile.write(Data(policy.utf8), to: policyFile.path, advice: Self.advice)
            configuration += "policy: {mode: file, path: \(policyFile.path)}\n"
        }
        let file = folder.appending(path: "config.yaml")
        try NamedFile.write(Data(configuration.utf8), to: file.path, advice: Self.advice)
    }

    /// The path of its socket.
    var socketPath: String { folder.appending(path: "socket").path }

    /// Its process.
    var pid: Int? { process.withLock { $0.map { Int($0.processIdentifier) } } }

    private var policyFile: URL { folder.appending(path: "policy.hujson") }
    private var logFile: URL { folder.appending(path: "log") }

    // MARK: - Life

    /// Starts it, and waits until it accepts connections.
    func start() async throws {
        let process = Process()
        process.executableURL = program
        process.arguments = [
            "serve", "--config", folder.appending(path: "config.yaml").path, "--data-dir",
            folder.appending(path: "data").path,
        ]
        if isOwnProgram { process.arguments?.append("--end-with-input") }
        process.currentDirectoryURL = folder
        // Held open by this process alone, so that the server ends with it, also after `kill -9`.
        let input = Pipe()
        _ = fcntl(input.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.standardInput = isOwnProgram ? input : FileHandle.nullDevice
        if !FileManager.default.fileExists(atPath: logFile.path) {
            _ = FileManager.default.createFile(atPath: logFile.path, contents: nil)
        }
        let log = try FileHandle(forWritingTo: logFile)
        _ = try log.seekToEnd()
        process.standardOutput = log
        process.standardError = log
        try process.run()
        self.process.withLock { $0 = process }
        let end = ContinuousClock.now + Self.startTimeMax
        while ContinuousClock.now < end {
            guard process.isRunning else { throw CommandError("the server did not start:\n\(text(of: logFile))") }
            if Self.isAccepting(port: UInt16(url.split(separator: ":").last ?? "") ?? 0) { return }
            try await Task.sleep(for: Self.pause)
        }
        throw CommandError("the server did not accept connections within \(Self.startTimeMax):\n\(text(of: logFile))")
    }

    /// Kills it as a crash does, starts it again on the same data, and says what its process is.
    func restart() async throws -> Int {
        try await kill()
        try await start()
        return pid ?? 0
    }

    /// Writes another policy, and lets the server read it.
    func setPolicy(_ text: String) throws {
        try Data(text.utf8).write(to: policyFile, options: .atomic)
        if let pid { Self.send(SIGHUP, to: pid) }
    }

    /// Kills it; returns when it is gone.
    func kill() async throws {
        guard let process = process.withLock({ $0.take() }) else { return }
        Self.send(SIGKILL, to: Int(process.processIdentifier))
        while process.isRunning { try? await Task.sleep(for: Self.pause) }
    }

    /// Kills it and removes everything that it wrote.
    func cleanUp() async {
        try? await kill()
        try? FileManager.default.removeItem(at: folder)
    }

    /// What it has said.
    var log: String { text(of: logFile) }

    // MARK: - The system

    private func text(of file: URL) -> String {
        (try? Data(contentsOf: file)).map { String(decoding: $0.suffix(4096), as: UTF8.self) } ?? ""
    }

    private static func ownProgram() throws -> String {
        do {
            return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        } catch {
            throw CommandError("where this program is cannot be found out: \(error)")
        }
    }

    private static func send(_ signal: Int32, to pid: Int) {
        #if canImport(Glibc)
        _ = Glibc.kill(pid_t(pid), signal)
        #else
        _ = Musl.kill(pid_t(pid), signal)
        #endif
    }

    /// A port that nobody listens on now; the server has to come back to the same after a crash.
    private static func freePort() throws -> UInt16 {
        let port = withLoopbackSocket(port: 0) { descriptor, address -> UInt16? in
            var address = address
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            return withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                    guard bind(descriptor, plain, length) == 0, getsockname(descriptor, plain, &length) == 0 else {
                        return nil
                    }
                    return pointer.pointee.sin_port.bigEndian
                }
            }
        }
        guard let port else { throw CommandError("there is no free port on 127.0.0.1") }
        return port
    }

    private static func isAccepting(port: UInt16) -> Bool {
        withLoopbackSocket(port: port) { descriptor, address in
            var address = address
            return withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        }
    }

    private static func withLoopbackSocket<Result>(port: UInt16, _ body: (Int32, sockaddr_in) -> Result) -> Result {
        #if canImport(Glibc)
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return body(descriptor, address)
    }
}
