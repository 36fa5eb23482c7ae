// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import NeedleServer

/// Finds and reads the configuration that the arguments and the environment name.
struct ConfigurationSource {
    let global: GlobalOptions
    let environment: [String: String]

    /// The file, if one is named: `--config`, else `NEEDLETAIL_CONFIG`.
    var path: String? {
        global.configuration ?? environment["NEEDLETAIL_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// How findings call it.
    var name: String { path ?? "configuration" }

    /// Reads it.
    ///
    /// - Throws: ``ConfigurationError`` with all findings, ``CommandError`` when the file cannot be read.
    func load() throws -> LoadedConfiguration {
        let text = try path.map { path in
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw CommandError("the configuration file \(path) cannot be read; check the path and its permissions")
            }
            return text
        }
        var loaded = try ConfigurationLoader().load(
            yaml: text,
            environment: environment,
            dataDirectory: global.dataDirectory ?? environment["NEEDLETAIL_DATA_DIR"],
            fileDirectory: path.map { URL(filePath: $0).deletingLastPathComponent().path(percentEncoded: false) }
        )
        if let socket = global.socket {
            var configuration = loaded.configuration
            configuration.unixSocket.path = socket
            loaded = LoadedConfiguration(configuration: configuration, notices: loaded.notices)
        }
        return loaded
    }
}
