// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleStorage
import NeedleTesting
import NeedleTypes
import Testing

@Suite struct KeyFileTests {
    private let directory: TemporaryDirectory
    private var path: String { directory.path("key") }
    private static let digits = String(repeating: "5a", count: 32)

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func readOrCreate(seed: UInt64 = 1) throws -> MachinePrivateKey {
        var random = SeededRandom(seed: seed)
        return try KeyFile.readOrCreate(at: path, using: &random)
    }

    @Test("makes a key once, and reads it ever after")
    func creates() throws {
        let key = try readOrCreate(seed: 1)
        #expect(try directory.text("key") == "\(key.secretText)\n")
        #expect(try directory.mode("key") == 0o600)
        #expect(try directory.names == ["key"], "nothing else is left")
        #expect(try readOrCreate(seed: 2).bytes == key.bytes)
    }

    @Test("reads a key as headscale and editors leave it", arguments: ["", "\n", " \r\n\n"], ["", "\n \t"])
    func reads(after: String, before: String) throws {
        try directory.write("\(before)privkey:\(Self.digits)\(after)", to: "key")
        #expect(try readOrCreate().bytes == [UInt8](repeating: 0x5a, count: 32))
    }

    @Test("finds nothing where nothing is, and makes nothing when it only reads")
    func readsNothing() throws {
        let key: NodePrivateKey? = try KeyFile.read(at: path)
        #expect(key == nil)
        #expect(try directory.names.isEmpty)
    }

    @Test("refuses a file that others may read, write or run", arguments: [0o640, 0o604, 0o620, 0o602, 0o644, 0o611])
    func wideModes(mode: Int) throws {
        try directory.write("privkey:\(Self.digits)", to: "key", mode: mode)
        let error = #expect(throws: StoreError.self) { try readOrCreate() }
        #expect(error?.code == .denied)
        #expect(error?.message.contains("'chmod 600 \(path)'") == true)
        #expect(error?.message.contains(String(mode, radix: 8)) == true)
        #expect(error?.description.contains(Self.digits) == false)
        #expect(try directory.mode("key") == mode, "it is for the administrator to decide")
    }

    @Test("takes a file that its owner may only read")
    func narrowMode() throws {
        try directory.write("privkey:\(Self.digits)", to: "key", mode: 0o400)
        #expect(try readOrCreate().bytes.first == 0x5a)
    }

    @Test(
        "refuses a file without a key, shows nothing of it and leaves it alone",
        arguments: [
            "", "\n", "secret", "privkey:", "privkey:5a", "privkey:\(digits)5a", "privkey:\(digits.dropLast())g",
            "mkey:\(digits)", digits, "privkey:\(digits) \(digits)", "privkey:\(String(repeating: "0", count: 64))",
            String(repeating: " ", count: 5000) + "privkey:\(digits)",
        ]
    )
    func noKey(text: String) throws {
        try directory.write(text, to: "key")
        let error = #expect(throws: StoreError.self) { try readOrCreate() }
        #expect(error?.code == .corrupt)
        #expect(error?.description.contains("secret") == false)
        #expect(error?.description.contains("5a5a") == false)
        #expect(try directory.text("key") == text)
    }

    @Test("refuses bytes that are no text")
    func noText() throws {
        try Data([0xff, 0x00, 0xfe]).write(to: URL(filePath: path))
        try directory.setMode(0o600, of: "key")
        #expect(throws: StoreError.self) { try readOrCreate() }
    }

    @Test("refuses a directory and a named pipe without waiting for a writer")
    func otherKinds() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try directory.setMode(0o700, of: "key")
        #expect((#expect(throws: StoreError.self) { try readOrCreate() })?.code == .notOurs)
        try FileManager.default.removeItem(atPath: path)
        #expect(mkfifo(path, 0o600) == 0)
        #expect((#expect(throws: StoreError.self) { try readOrCreate() })?.code == .notOurs)
    }

    @Test("replaces the draft that a crash left")
    func draft() throws {
        try directory.write("privkey:half", to: "key.new", mode: 0o644)
        let key = try readOrCreate()
        #expect(try directory.names == ["key"])
        #expect(try directory.mode("key") == 0o600)
        #expect(try readOrCreate(seed: 2).bytes == key.bytes)
    }

    @Test("does not write through a symbolic link in place of the draft")
    func draftLink() throws {
        try directory.write("precious", to: "other")
        try FileManager.default.createSymbolicLink(
            atPath: directory.path("key.new"),
            withDestinationPath: directory.path("other")
        )
        _ = try readOrCreate()
        #expect(try directory.text("other") == "precious")
    }

    @Test("reads through a symbolic link, as secrets are mounted")
    func link() throws {
        try directory.write("privkey:\(Self.digits)", to: "mounted")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: directory.path("mounted"))
        #expect(try readOrCreate().bytes.first == 0x5a)
    }

    @Test("says which directory is missing")
    func missingDirectory() throws {
        var random = SeededRandom(seed: 1)
        let path = directory.path("missing/key")
        let error = #expect(throws: StoreError.self) {
            let _: MachinePrivateKey = try KeyFile.readOrCreate(at: path, using: &random)
        }
        #expect(error?.message.contains(path) == true)
    }
}
