// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

extension Configuration {
    /// Needletail's own limits: beyond each number there is a clear refusal.
    package struct Limits: Equatable, Sendable {
        /// `limits.connections`: open connections in all.
        package var connections = 50000
        /// `limits.connections_per_address`: open connections from one address.
        package var connectionsPerAddress = 1024
        /// `limits.streams_per_connection`: requests under way inside one Noise connection.
        package var streamsPerConnection = 64
        /// `limits.request_bytes`: the longest body of a request.
        package var requestBytes = 1_048_576
        /// `limits.command_queue`: commands that wait for the writer.
        package var commandQueue = 4096

        /// Room for some ten thousand nodes.
        package init() {}
    }
}
