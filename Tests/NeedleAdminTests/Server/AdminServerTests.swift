// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Logging
import NeedleAdmin
import NeedleTesting
import NeedleTypes
import ServiceLifecycle
import Testing

@Suite("The administrators' socket", .timeLimit(.minutes(1)))
struct AdminServerTests {
    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nt-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    /// Runs a server in a service group, calls `body` once it serves, then stops it gracefully.
    private func withServer(
        _ socket: AdminSocket,
        limits: AdminServer.Limits = AdminServer.Limits(),
        isStorageHealthy: @escaping @Sendable () async -> Bool = { true },
        _ body: () async throws -> Void
    ) async throws {
        let gate = InlineGate()
        let (ready, isReady) = AsyncStream.makeStream(of: Void.self)
        let server = AdminServer(
            api: AdminAPI(
                gate: gate,
                version: VersionObject(version: "1"),
                policy: .nowhere,
                logger: Logger(label: "test"),
                now: { gate.now },
                isStorageHealthy: isStorageHealthy
            ),
            socket: socket,
            limits: limits,
            logger: Logger(label: "test"),
            onReady: { isReady.yield() }
        )
        let group = ServiceGroup(services: [server], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { isReady.finish() }
                try await group.run()
            }
            for await _ in ready { break }
            try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func permissions(of path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }

    @Test("has the mode that was asked for, and goes when the server stops", arguments: [0o770, 0o600, 0o666])
    func mode(mode: Int) async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "s.sock").path
            try await withServer(AdminSocket(path: path, mode: UInt32(mode))) {
                let permissions = try permissions(of: path)
                #expect(permissions == mode)
            }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test("has mode 0770 unless another is asked for")
    func defaultMode() {
        #expect(AdminSocket(path: "x").mode == 0o770)
    }

    @Test("a second server on the same socket is refused, and the first one stays")
    func secondServer() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "s.sock").path
            try await withServer(AdminSocket(path: path)) {
                #expect(throws: AdminSocketError.inUse(path: path)) { try AdminSocket(path: path).prepare() }
                #expect(FileManager.default.fileExists(atPath: path))
            }
        }
    }

    @Test("what a dead server left is removed")
    func staleSocket() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "s.sock").path
            try BareSocket.abandon(at: path)
            #expect(FileManager.default.fileExists(atPath: path))
            try await withServer(AdminSocket(path: path)) {}
        }
    }

    @Test(
        "stops though a connection stays open",
        arguments: ["", "GET /api/v1/hea", "POST /api/v1/user HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"]
    )
    func stopsWithOpenConnection(text: String) async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "s.sock").path
            var connection: BareSocket?
            try await withServer(AdminSocket(path: path), limits: Self.impatient) {
                connection = try BareSocket(connectedTo: path)
                connection?.send("GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
                let answer = await connection?.receive()
                #expect(answer?.hasPrefix("HTTP/1.1 200 OK\r\n") == true)
                connection?.send(text)
            }
            #expect(!FileManager.default.fileExists(atPath: path))
            _ = consume connection
        }
    }

    @Test("cuts a request off that does not end when the server stops")
    func cutsOff() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "s.sock").path
            let (entered, hasEntered) = AsyncStream.makeStream(of: Void.self)
            let (cutOff, isCutOff) = AsyncStream.makeStream(of: Bool.self)
            var connection: BareSocket?
            try await withServer(AdminSocket(path: path), limits: Self.impatient) {
                hasEntered.yield()
                // Ends only when its task is cancelled.
                for await _ in AsyncStream<Void>.makeStream().stream {}
                isCutOff.yield(Task.isCancelled)
                return true
            } _: {
                connection = try BareSocket(connectedTo: path)
                connection?.send("GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n")
                for await _ in entered { break }
            }
            for await isCancelled in cutOff {
                #expect(isCancelled)
                break
            }
            #expect(!FileManager.default.fileExists(atPath: path))
            _ = consume connection
        }
    }

    /// Waits long for connections, and not at all for requests when it stops.
    private static var impatient: AdminServer.Limits {
        var limits = AdminServer.Limits()
        limits.idle = .seconds(3600)
        limits.stopping = .milliseconds(50)
        return limits
    }

    @Test("anything else at the path is left alone")
    func otherFile() async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "precious").path
            try Data("data".utf8).write(to: URL(filePath: path))
            #expect(throws: AdminSocketError.notASocket(path: path)) { try AdminSocket(path: path).prepare() }
            let content = try String(contentsOfFile: path, encoding: .utf8)
            #expect(content == "data")
            #expect(throws: AdminSocketError.notASocket(path: folder.path)) {
                try AdminSocket(path: folder.path).prepare()
            }
        }
    }

    @Test("a path that is too long is refused before anything is done", arguments: [104, 500])
    func longPath(length: Int) {
        let path = "/" + String(repeating: "x", count: length - 1)
        let error = #expect(throws: AdminSocketError.self) { try AdminSocket(path: path).prepare() }
        #expect(error?.description.contains("\(length) bytes") == true)
        #expect(error?.description.contains("unix_socket") == true)
    }

    @Test("a path of the greatest length can be served")
    func longestPath() async throws {
        try await withFolder { folder in
            let rest = AdminSocket.pathBytesMax - folder.path.utf8.count - 1
            let path = folder.appending(path: String(repeating: "x", count: rest)).path
            #expect(path.utf8.count == AdminSocket.pathBytesMax)
            try await withServer(AdminSocket(path: path)) {
                #expect(FileManager.default.fileExists(atPath: path))
            }
        }
    }

    @Test(
        "the folder of a path is what stands before the last slash",
        arguments: [("s", ""), ("", ""), ("/s", "/"), ("a/s", "a"), ("/a/b/s", "/a/b"), ("./s", "."), ("/", "/")]
    )
    func folders(path: String, folder: String) {
        #expect(AdminSocket.folder(of: path) == folder)
    }

    @Test("a relative path of one character can be served")
    func shortPath() throws {
        try AdminSocket(path: "s").prepare()
    }

    @Test("a folder that is missing is named")
    func missingFolder() {
        let error = #expect(throws: AdminSocketError.self) {
            try AdminSocket(path: "/nonexistent/folder/s.sock").prepare()
        }
        #expect(error?.description.contains("folder") == true)
    }
}
