// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation

/// A temporary file that a program writes into.
struct OutputFile {
    let handle: FileHandle
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "needletail-output-\(UUID().uuidString)")
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard FileManager.default.createFile(atPath: url.path, contents: nil, attributes: attributes) else {
            throw CommandError("'\(url.path)' cannot be written; set TMPDIR to a folder of yours with room in it")
        }
        handle = try FileHandle(forWritingTo: url)
    }

    var content: Data { get throws { try Data(contentsOf: url) } }

    func remove() {
        try? handle.close()
        try? FileManager.default.removeItem(at: url)
    }
}
