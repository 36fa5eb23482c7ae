// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import Yams

/// Reads the one key that a client of the server needs, and judges no other.
package struct YAMLSocketPathReader: SocketPathReader {
    /// A configuration larger than this is none.
    private static let bytesMax = 4 << 20

    package init() {}

    package func socketPath(inConfigurationAt path: String) throws(CommandError) -> String? {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw CommandError("cannot read the configuration file '\(path)'; check the path of --config")
        }
        defer { try? file.close() }
        do {
            let data = try file.read(upToCount: Self.bytesMax) ?? Data()
            // A file of comments alone has no root.
            let root = try Yams.compose(yaml: String(decoding: data, as: UTF8.self))
            return root?["unix_socket"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        } catch {
            throw CommandError(
                "the configuration file '\(path)' is not YAML; 'needletail configtest --config \(path)' says where"
            )
        }
    }
}
