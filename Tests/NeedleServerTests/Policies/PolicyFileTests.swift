// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import Glibc
import NeedleAdmin
import NeedleTesting
import Testing

@testable import NeedleServer

@Suite struct PolicyFileTests {
    private let directory: TemporaryDirectory
    private let file: PolicyFile

    init() throws {
        directory = try TemporaryDirectory()
        file = PolicyFile(path: directory.path("policy.hujson"))
    }

    @Test("writing, growing, replacing and deleting change the stamp")
    func stamps() throws {
        #expect(file.stamp() == nil)
        try write("{}")
        let first = try #require(file.stamp())
        #expect(file.stamp() == first)
        try write("{ }")
        let second = try #require(file.stamp())
        #expect(second != first)
        let other = directory.path("other")
        try Data("{ }".utf8).write(to: URL(filePath: other))
        try FileManager.default.setAttributes(
            [.modificationDate: try modification(file.path)],
            ofItemAtPath: other
        )
        #expect(rename(other, file.path) == 0)
        #expect(file.stamp() != second, "another file of the same size and age")
        try FileManager.default.removeItem(atPath: file.path)
        #expect(file.stamp() == nil)
    }

    @Test("a link is followed, so that changing what it points to counts")
    func link() throws {
        for name in ["a", "b"] { try Data("{}".utf8).write(to: URL(filePath: directory.path(name))) }
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: directory.path("a"))
        let first = file.stamp()
        try FileManager.default.removeItem(atPath: file.path)
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: directory.path("b"))
        #expect(first != nil && file.stamp() != nil && file.stamp() != first)
    }

    @Test("it is read byte for byte")
    func reading() throws {
        let bytes: [UInt8] = [0, 255, 10, 13] + Array("{}".utf8)
        try Data(bytes).write(to: URL(filePath: file.path))
        #expect(try file.read() == bytes)
    }

    @Test("what is missing, is no file, or is far too long is refused by name")
    func refusals() throws {
        #expect(refusal(file).contains("'\(file.path)' is not there"))
        #expect(refusal(PolicyFile(path: directory.path)).contains("no regular file"))
        #expect(FileManager.default.createFile(atPath: file.path, contents: nil))
        let handle = try #require(FileHandle(forWritingAtPath: file.path))
        try handle.truncate(atOffset: UInt64(PolicyText.bytesMax) + 1)
        try handle.close()
        #expect(refusal(file).contains("more than \(PolicyText.bytesMax) bytes"))
    }

    private func refusal(_ file: PolicyFile) -> String {
        #expect(throws: ServerError.self) { try file.read() }?.description ?? ""
    }

    private func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: file.path))
    }

    private func modification(_ path: String) throws -> Date {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date)
    }
}
