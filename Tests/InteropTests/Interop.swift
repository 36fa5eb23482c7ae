// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation

/// Where the suite finds what it runs: the official client, the scripts that drive it, and the server.
enum Interop {
    /// The folder that prepare.py filled; without it there is nothing to test with.
    static let folder = environment("NEEDLE_INTEROP").map { URL(filePath: $0, directoryHint: .isDirectory) }

    static var isPrepared: Bool { folder != nil }

    static let whySkipped: String =
        "NEEDLE_INTEROP does not name a folder that Tests/InteropTests/Client/prepare.py filled; make test does it"

    /// The Python that has the official client.
    static func python() throws -> URL { try prepared("venv/bin/python") }

    /// A file of the folder that prepare.py filled.
    static func prepared(_ name: String) throws -> URL {
        guard let file = folder?.appending(path: name), exists(file) else {
            throw InteropError("there is no \(name) in NEEDLE_INTEROP; run Tests/InteropTests/Client/prepare.py")
        }
        return file
    }

    /// A script of the folder Client.
    static func script(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Client/\(name)")
    }

    /// The server: `NEEDLE_BINARY`, else the one that was built together with these tests.
    static func binary() throws -> URL {
        if let path = environment("NEEDLE_BINARY") { return URL(filePath: path) }
        var folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        while folder.pathComponents.count > 1 {
            folder.deleteLastPathComponent()
            let candidate = folder.appending(path: "needletail")
            if isProgram(candidate) { return candidate }
        }
        throw InteropError("there is no program needletail beside the tests; build it, or set NEEDLE_BINARY")
    }

    private static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func exists(_ file: URL) -> Bool {
        FileManager.default.fileExists(atPath: file.path(percentEncoded: false))
    }

    private static func isProgram(_ file: URL) -> Bool {
        var isFolder = ObjCBool(false)
        let path = file.path(percentEncoded: false)
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
            && FileManager.default.isExecutableFile(atPath: path)
    }
}
