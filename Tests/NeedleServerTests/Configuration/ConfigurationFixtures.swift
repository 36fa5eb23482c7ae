// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

import Foundation

/// Files for tests, in the repository and beside it.
enum ConfigurationFixtures {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Ours.
    static let folder = root.appending(path: "Tests/Fixtures/headscale-configs")
    /// Recorded files, where they are at hand.
    static let recorded = root.appending(path: "../shared/golden/headscale-configs")
    /// The documentation that holds the table of keys.
    static let documentation = root.appending(path: "docs/configuration.md")

    /// The text of one of ours.
    static func text(_ name: String) -> String {
        (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
    }

    /// The files of a folder by name; empty if there is no such folder.
    static func files(in folder: URL) -> [String: String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.reduce(into: [:]) { files, name in
            files[name] = try? String(contentsOf: folder.appending(path: name), encoding: .utf8)
        }
    }

    /// A file in which most keys are set.
    static let everything = text("typical.yaml")
}
