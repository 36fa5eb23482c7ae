// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

internal import NIOCore
internal import NeedleTypes

/// Addresses of 127.0.0.0/8 for clients to connect from.
///
/// One address has 28,000 ports, and each stays taken for a minute after its connection: not enough for thousands of
/// clients that reconnect.
enum SourceAddresses {
    private static let perOctet = 250

    /// The address of a client; different for the first 15 million.
    static func address(ofClient index: Int) -> String {
        let last = index % perOctet + 1
        let third = index / perOctet % perOctet + 1
        let second = index / (perOctet * perOctet) % perOctet + 1
        return "127.\(second).\(third).\(last)"
    }

    /// Where a client of `target` connects from; nothing leaves it to the system, as for servers that are elsewhere.
    static func source(ofClient index: Int, of target: ControlTarget) -> SocketAddress? {
        guard target.isLoopback, target.address?.family == .v4 else { return nil }
        return try? SocketAddress(ipAddress: address(ofClient: index), port: 0)
    }
}
