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
        _ body: () async throws -> Void
    ) async throws {
        let gate = InlineGate()
        let (ready, isReady) = AsyncStream.makeStream(of: Void.self)
        let server = AdminServer(
            api: AdminAPI(gate: gate, version: VersionObject(version: "1"), now: { gate.now }),
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
        "stops in time whatever a connection is about",
        arguments: [
            "", "GET /api/v1/hea", "POST /api/v1/user HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
            "GET /api/v1/health HTTP/1.1\r\nHost: x\r\n\r\n",
        ]
    )
    func stopsInTime(text: String) async throws {
        try await withFolder { folder in
            let path = folder.appending(path: "s.sock").path
            var limits = AdminServer.Limits()
            limits.idle = .seconds(3600)
            limits.stopping = .milliseconds(50)
            var connection: BareSocket?
            try await withServer(AdminSocket(path: path), limits: limits) {
                connection = try BareSocket(connectedTo: path)
                connection?.send(text)
                if text.hasSuffix("x\r\n\r\n") {
                    #expect(connection?.receive().hasPrefix("HTTP/1.1 200 OK\r\n") == true)
                }
            }
            // That the server is gone, and the test comes to this line, is the point.
            #expect(!FileManager.default.fileExists(atPath: path))
            _ = consume connection
        }
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

    @Test("a folder that is missing is named")
    func missingFolder() {
        let error = #expect(throws: AdminSocketError.self) {
            try AdminSocket(path: "/nonexistent/folder/s.sock").prepare()
        }
        #expect(error?.description.contains("folder") == true)
    }
}
