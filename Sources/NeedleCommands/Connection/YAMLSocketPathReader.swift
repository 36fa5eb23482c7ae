// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import Foundation
internal import NeedleAdmin
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
        let root: Node?
        do {
            let data = try file.read(upToCount: Self.bytesMax) ?? Data()
            // A file of comments alone has no root.
            root = try Yams.compose(yaml: String(decoding: data, as: UTF8.self))
        } catch {
            throw CommandError(
                "the configuration file '\(path)' is not YAML; 'needletail configtest --config \(path)' says where"
            )
        }
        // The server reads keys in any case, and relative paths from the file's folder.
        let pair = root?.mapping?.first { $0.key.string?.lowercased() == "unix_socket" }
        guard let value = pair?.value, value.null == nil, let socket = value.string else { return nil }
        guard !socket.isEmpty else {
            throw CommandError(
                "the configuration file '\(path)' turns the administrators' socket off; set unix_socket in it"
            )
        }
        return socket.hasPrefix("/") ? socket : AdminSocket.folder(of: path).appendingPath(socket)
    }
}

extension String {
    /// The path of `name` in the folder that this is; the empty folder is the current one.
    fileprivate func appendingPath(_ name: String) -> String {
        isEmpty || hasSuffix("/") ? self + name : "\(self)/\(name)"
    }
}
