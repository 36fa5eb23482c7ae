// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Configuration {
    /// The socket through which the machine's own administrators command the server.
    package struct UnixSocket: Equatable, Sendable {
        /// `unix_socket`; empty for none.
        package var path = ""
        /// `unix_socket_permission`: who may connect.
        package var permission: UInt32 = 0o770

        /// The longest path that the system can bind, in bytes.
        ///
        /// `sockaddr_un` on Linux has room for 108, of which swift-nio uses 104, and the last is a zero.
        package static let maximumPathLength = 103

        /// No socket, until the data directory is known.
        package init() {}
    }
}
