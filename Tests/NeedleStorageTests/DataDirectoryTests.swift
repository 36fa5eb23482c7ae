// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleStorage
import NeedleTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct DataDirectoryTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path("data") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("makes the directory for this user alone, and says who locked it")
    func creates() throws {
        let data = try DataDirectory(path: path)
        #expect(data.path == path)
        #expect(data.path(of: "db") == "\(path)/db")
        #expect(try directory.mode("data") == 0o700)
        #expect(try directory.mode("data/lock") == 0o600)
        #expect(try directory.text("data/lock") == "\(getpid())\n")
    }

    @Test("keeps the permissions of a directory that is there")
    func keepsMode() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try directory.setMode(0o750, of: "data")
        _ = try DataDirectory(path: path)
        #expect(try directory.mode("data") == 0o750)
    }

    @Test("refuses a second server, naming the directory and the process")
    func refusesSecond() throws {
        let first = try DataDirectory(path: path)
        for _ in 0..<2 {
            let error = #expect(throws: StoreError.self) { try DataDirectory(path: path) }
            #expect(error?.code == .inUse)
            #expect(error?.message.contains("'\(path)' is in use by the process \(getpid());") == true)
        }
        first.unlock()
        let second = try DataDirectory(path: path)
        #expect(throws: StoreError.self) { try DataDirectory(path: path) }
        first.unlock()
        #expect(throws: StoreError.self, "unlocking twice frees nothing of another's") { try DataDirectory(path: path) }
        second.unlock()
    }

    @Test("is free again when the object goes")
    func freedByDeinit() throws {
        do { _ = try DataDirectory(path: path) }
        _ = try DataDirectory(path: path)
    }

    @Test("is free after the process that locked it was killed")
    func freedByKill() async throws {
        let path = path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let data = try DataDirectory(path: path)
            kill(getpid(), SIGKILL)
            data.unlock()
        }
        #expect(try directory.text("data/lock") != "\(getpid())\n", "the other process did lock it")
        _ = try DataDirectory(path: path)
        #expect(try directory.text("data/lock") == "\(getpid())\n")
    }

    @Test("is refused to another process, which learns who has it")
    func refusedToOtherProcess() async throws {
        let data = try DataDirectory(path: path)
        let path = path
        let owner = getpid()
        await #expect(processExitsWith: .exitCode(7)) { [path = path as String, owner = owner as Int32] in
            let result = Result { try DataDirectory(path: path) }
            guard case .failure(let error as StoreError) = result, error.code == .inUse else { return }
            if error.message.contains("the process \(owner);") { exit(7) }
        }
        data.unlock()
    }

    @Test("takes over a lock file with anything in it", arguments: ["", "no number", "99999999999999", "1\n2\n3"])
    func oddLockFile(text: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try directory.write(text, to: "data/lock")
        let data = try DataDirectory(path: path)
        #expect(try directory.text("data/lock") == "\(getpid())\n")
        try directory.write(text, to: "data/lock")
        let error = #expect(throws: StoreError.self) { try DataDirectory(path: path) }
        #expect(error?.code == .inUse)
        data.unlock()
    }

    @Test("refuses what cannot be a data directory")
    func refusesOthers() throws {
        try directory.write("", to: "file")
        for (path, code) in [
            (directory.path("file"), StoreError.Code.notOurs), (directory.path("missing/data"), .unavailable),
            ("", .unavailable), ("a\0b", .unavailable),
        ] {
            let error = #expect(throws: StoreError.self) { try DataDirectory(path: path) }
            #expect(error?.code == code, "\(path)")
        }
    }

    @Test("does not follow a symbolic link in place of the lock file")
    func symbolicLink() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try directory.write("precious", to: "other")
        try FileManager.default.createSymbolicLink(
            atPath: directory.path("data/lock"),
            withDestinationPath: directory.path("other")
        )
        #expect(throws: StoreError.self) { try DataDirectory(path: path) }
        #expect(try directory.text("other") == "precious")
    }
}
