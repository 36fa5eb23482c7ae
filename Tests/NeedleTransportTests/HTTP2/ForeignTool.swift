// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation

/// A program of others that speaks HTTP/2.
enum ForeignTool: String, CaseIterable {
    case curl
    case nghttp
    case h2load

    /// Where Debian puts it; nothing if it is missing.
    var program: URL? {
        ["/usr/bin", "/usr/local/bin"].lazy.map { URL(filePath: $0).appending(path: self.rawValue) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path(percentEncoded: false)) }
    }

    /// Under CI nothing is skipped.
    static var isRequired: Bool { ProcessInfo.processInfo.environment["CI"] == "true" }

    /// Whether all are there; says loudly if tests are skipped for want of them.
    static let areUsable: Bool = {
        let missing = allCases.filter { $0.program == nil }.map(\.rawValue)
        guard !missing.isEmpty, !isRequired else { return true }
        print("SKIPPING HTTP/2 with clients of others; missing: \(missing) (Debian: nghttp2-client, curl)")
        return false
    }()

    /// Runs the program to its end.
    ///
    /// - Returns: what it printed.
    func run(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        guard let program else { throw Missing(tool: rawValue) }
        let folder = FileManager.default.temporaryDirectory.appending(path: "needle-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // A file, since a pipe that nobody empties would stop the program.
        let file = folder.appending(path: "output")
        try Data().write(to: file)
        let output = try FileHandle(forWritingTo: file)
        defer { try? output.close() }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        let status = try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { ended.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                ended.resume(throwing: error)
            }
        }
        return (status, String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }

    struct Missing: Error {
        let tool: String
    }
}
