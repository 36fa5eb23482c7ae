// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation
import NeedleTesting

/// The inputs that a parser is tried with, in `Tests/Fixtures/corpus`.
struct Corpus {
    /// The most inputs of one parser.
    static let inputsMax = 80
    /// The most bytes of one input.
    static let inputBytesMax = 4096

    /// An input and the name of its file.
    struct Input {
        let name: String
        let bytes: [UInt8]
    }

    /// Sorted by name, so that a seed always means the same.
    let inputs: [Input]

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/corpus")

    init(of parser: ParserUnderTest) throws {
        let folder = Self.root.appending(path: parser.name)
        inputs = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .map { Input(name: $0.lastPathComponent, bytes: Array(try Data(contentsOf: $0))) }
            .sorted { $0.name < $1.name }
    }

    /// The names of all parsers that have a folder.
    static func parserNames() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: root.path(percentEncoded: false)))
    }
}
