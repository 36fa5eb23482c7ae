// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// Finds out from a configuration file where a server's unix socket is.
package protocol SocketPathReader: Sendable {
    /// The value of `unix_socket` in the file at `path`; nil if the file does not say.
    ///
    /// - Throws: ``CommandError`` when the file cannot be read.
    func socketPath(inConfigurationAt path: String) throws(CommandError) -> String?
}
