// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

/// How much a server may send before it hears that something was taken.
package struct HTTP2Windows: Equatable, Sendable {
    /// For each response.
    package var stream: Int
    /// For all responses together; never below 65,535, with which every connection begins.
    package var connection: Int

    /// What Go clients grant: 4 MiB a response, and a gibibyte in all.
    package static let usual = HTTP2Windows(stream: 4 << 20, connection: 1 << 30)

    /// Windows of these sizes, each at most 2^31 - 1.
    package init(stream: Int, connection: Int) {
        self.stream = min(max(stream, 0), Int(Int32.max))
        self.connection = min(max(connection, Self.initial), Int(Int32.max))
    }

    /// What both sides grant until they say otherwise.
    static let initial = 65_535
}
